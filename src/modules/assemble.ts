import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, type Inputs, ModuleFailure } from './module.ts'
import { attributeArgs, attributeReturns } from './parts/attributes.ts'
import { absentFile, contentFunction, decoded, type FileState, pathInto, sha1Of } from './parts/file-look.ts'
import { lookBeside, readBeside } from './parts/look-beside.ts'
import { changeFile, diffFile, fileResult, type Source, wantFile } from './parts/placed-file.ts'
import { pythonRegex, search } from './parts/python-regex.ts'

const table = {
  src: {
    type: 'path',
    required: true,
    doc: 'The folder of the fragments, on the host, or on the controller with `remote_src: false`.',
  },
  dest: { type: 'path', required: true, doc: 'The file that is made of them.' },
  remote_src: { type: 'bool', default: true, doc: 'Whether `src` is on the host.' },
  delimiter: { type: 'str', doc: 'Text between two fragments; `\\n` is a line break.' },
  regexp: { type: 'str', doc: 'A regular expression (Python’s syntax) for names; others are left out.' },
  ignore_hidden: { type: 'bool', default: false, doc: 'Names with a leading dot are left out.' },
  backup: { type: 'bool', default: false, doc: 'Keeps the old file under a name with the time.' },
  validate: { type: 'str', doc: 'A command that checks the new file, named `%s` in it, before it takes its place.' },
  decrypt: { type: 'bool', default: true, doc: 'Opens vault files.', ignored: 'fragments are taken as they are' },
  ...attributeArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

/** The file, and the fragments: names and content in turn, in base64. */
type Assembled = FileState & { readonly fragments?: readonly string[] }

export const assemble = defineState({
  summary: 'Makes a file of the fragments in a folder, in the order of their names.',
  args: table,
  examples: `
- assemble: src=/etc/app/conf.d dest=/etc/app/app.conf mode=0644
- ansible.builtin.assemble:
    src: fragments
    remote_src: false
    dest: /etc/ssh/sshd_config
    delimiter: '### next'
    validate: /usr/sbin/sshd -t -f %s
`,
  returnDocs: {
    dest: 'The file.',
    checksum: 'Its SHA-1.',
    backup_file: 'Where the old file is kept.',
    ...attributeReturns,
  },
  needs: ({ src, remote_src }) => (remote_src ? {} : { files: { src, searchIn: 'files' } }),
  look: ({ src, dest, remote_src }) =>
    lookBeside(
      dest,
      remote_src
        ? lines(
            contentFunction,
            pathInto('s', src),
            sh`[ -e "$s" ] || { echo "!Source ($s) does not exist"; exit; }
[ -d "$s" ] || { echo "!Source ($s) is not a directory"; exit; }
for f in "$s"/* "$s"/.[!.]* "$s"/..?*; do
  [ -f "$f" ] || continue
  printf x; printf %s "\${f##*/}" | od -An -v -tx1 | tr -d ' \n'; echo
  content "$f" || exit
done`,
          )
        : sh`:`,
    ),
  read(output): Assembled {
    const { file, beside } = readBeside(output)
    if (beside.startsWith('!')) throw new ModuleFailure(beside.slice(1).trim())
    return { ...file, fragments: beside.split('\n').filter(Boolean) }
  },
  want: (args, state, inputs) =>
    wantFile(placed(args), state ?? absentFile, sourceOf(args, state, inputs).sha1, inputs),
  change: (args, { from = absentFile, to = {} }, inputs) =>
    changeFile(placed(args), from, to, sourceOf(args, from, inputs)),
  diff: (args, { from = absentFile, to = {} }, inputs) => diffFile(from, to, sourceOf(args, from, inputs)),
  returns: (args, { from, to = absentFile, changed, output }, inputs) => ({
    ...fileResult({ from: from ?? absentFile, to, changed, output, inputs }, sourceOf(args, from, inputs)),
    src: args.src,
    msg: 'OK',
  }),
})

function placed(args: Args) {
  return { ...args, force: true }
}

function sourceOf(args: Args, state: Partial<Assembled> | undefined, inputs: Inputs): Source {
  const bytes = joined(args, fragmentsOf(args, state, inputs))
  return { sha1: sha1Of(bytes), sizeBytes: bytes.length, upload: bytes, bytes: () => bytes, name: args.src }
}

function fragmentsOf(args: Args, state: Partial<Assembled> | undefined, { files }: Inputs): [string, Buffer][] {
  if (!args.remote_src) {
    if (files?.root !== 'directory') throw new ModuleFailure(`Source (${args.src}) is not a directory`)
    return files.entries
      .filter(entry => entry.kind === 'file' && !entry.path.includes('/'))
      .map(entry => [entry.path, Buffer.from(entry.read())])
  }
  const found: [string, Buffer][] = []
  const lines = state?.fragments ?? []
  for (let i = 0; i + 1 < lines.length; i += 2) {
    found.push([
      (decoded(lines[i] ?? '') ?? Buffer.alloc(0)).toString(),
      decoded(lines[i + 1] ?? '') ?? Buffer.alloc(0),
    ])
  }
  return found
}

/** Each fragment begins on a line of its own; the delimiter stands between two. */
function joined({ regexp, ignore_hidden, delimiter }: Args, fragments: readonly [string, Buffer][]): Buffer {
  const regex = regexp === undefined ? undefined : pythonRegex(regexp)
  const meant = fragments
    .filter(
      ([name]) =>
        !(ignore_hidden && name.startsWith('.')) && (regex === undefined || search(regex, name) !== undefined),
    )
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const between = delimiter === undefined ? '' : opened(delimiter)
  const parts: Buffer[] = []
  for (const [i, [, content]] of meant.entries()) {
    const before = meant[i - 1]?.[1]
    if (before !== undefined && before.at(-1) !== 10) parts.push(Buffer.from('\n'))
    if (i > 0 && between !== '') parts.push(Buffer.from(between.endsWith('\n') ? between : `${between}\n`))
    parts.push(content)
  }
  return Buffer.concat(parts)
}

function opened(text: string): string {
  const known: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' }
  return text.replace(/\\([ntr\\])/g, (_, char: string) => known[char] ?? char)
}

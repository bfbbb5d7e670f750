import { bytesOf } from '../bytes.ts'
import { defineState, type Inputs, ModuleFailure } from './module.ts'
import { attributeArgs, attributeReturns } from './parts/attributes.ts'
import { type FileState, lookAtFile, readFile, SHOWN_BYTES, sha1Of } from './parts/file-look.ts'
import { changeFile, diffFile, fileResult, type Source, wantFile } from './parts/placed-file.ts'

export const template = defineState({
  summary: 'Renders a template and places the text on the host.',
  details:
    "A first line `#jinja2: trim_blocks: False, variable_start_string: '<%'` sets the same for one file. Beside the variables a template knows `ansible_managed`, `template_path`, `template_fullpath`, `template_destpath`, `template_host`, `template_uid`, `template_mtime` and `template_run_date`.",
  args: {
    src: { type: 'path', doc: 'The template, searched in `templates/`.', required: true },
    dest: { type: 'path', doc: 'Where it goes: a file, or a folder in which it keeps its name.', required: true },
    force: {
      type: 'bool',
      doc: 'Replaces a file with other content. `no`: only a missing file is made.',
      default: true,
    },
    backup: { type: 'bool', doc: 'Keeps the file that was there under a name with the time.', default: false },
    validate: { type: 'str', doc: 'A command that checks the new file, named `%s` in it, before it takes its place.' },
    follow: { type: 'bool', doc: 'Writes to where a link points, instead of replacing the link.', default: false },
    newline_sequence: {
      type: 'str',
      doc: 'What ends a line: `\\n`, `\\r` or `\\r\\n`.',
      choices: ['\n', '\r', '\r\n', '\\n', '\\r', '\\r\\n'],
      default: '\n',
    },
    trim_blocks: { type: 'bool', doc: 'Drops the line break behind a block.', default: true },
    lstrip_blocks: { type: 'bool', doc: 'Drops blanks in front of a block.', default: false },
    block_start_string: { type: 'str', doc: 'What opens a block; `{%` by default.' },
    block_end_string: { type: 'str', doc: 'What closes a block; `%}` by default.' },
    variable_start_string: { type: 'str', doc: 'What opens an expression; `{{` by default.' },
    variable_end_string: { type: 'str', doc: 'What closes an expression; `}}` by default.' },
    comment_start_string: { type: 'str', doc: 'What opens a comment; `{#` by default.' },
    comment_end_string: { type: 'str', doc: 'What closes a comment; `#}` by default.' },
    output_encoding: {
      type: 'str',
      doc: 'The encoding of the file, as Python names it: `utf-8`, `utf-16`, `latin-1`, `cp1252` …',
      default: 'utf-8',
    },
    ...attributeArgs,
    mode: { type: 'raw', doc: 'Permission bits: octal, symbolic, or `preserve` for those of the template.' },
  },
  examples: `
- template:
    src: app.conf.j2
    dest: /etc/app.conf
    owner: root
    group: app
    mode: '0640'
    validate: app --check %s
- ansible.builtin.template: src=sudoers.j2 dest=/etc/sudoers.d/deploy mode=0440 validate='visudo -cf %s'
`,
  returnDocs: {
    dest: 'Where it was placed.',
    checksum: 'SHA-1 of the text.',
    backup_file: 'Where the old file is kept.',
    ...attributeReturns,
  },
  needs: args => ({
    template: {
      src: args.src,
      trimBlocks: args.trim_blocks,
      lstripBlocks: args.lstrip_blocks,
      newline: args.newline_sequence.replace('\\n', '\n').replace('\\r', '\r'),
      marks: {
        blockStart: args.block_start_string,
        blockEnd: args.block_end_string,
        variableStart: args.variable_start_string,
        variableEnd: args.variable_end_string,
        commentStart: args.comment_start_string,
        commentEnd: args.comment_end_string,
      },
      encoding: args.output_encoding,
      destination: args.dest,
    },
  }),
  look: (args, inputs) => lookAtFile(args.dest, lookOptions(args, inputs)),
  read: (output, args, inputs) => readFile(output, lookOptions(args, inputs)),
  want: (args, state, inputs) => wantFile(modeOfSource(args, inputs), seen(state), source(inputs).sha1, inputs),
  change: (args, { from, to }, inputs) => changeFile(modeOfSource(args, inputs), seen(from), to ?? {}, source(inputs)),
  diff: (_args, { from, to }, inputs) => diffFile(seen(from), to ?? {}, source(inputs)),
  returns: (_args, { from, to, changed, output }, inputs) =>
    fileResult({ from: seen(from), to: seen(to), changed, output, inputs }, source(inputs)),
})

function lookOptions({ src, follow }: { src: string; follow: boolean }, { diffMode, template: rendered }: Inputs) {
  const name = (rendered?.source ?? src).split('/').at(-1)
  return { follow, nameInFolder: name, ...(diffMode ? { content: SHOWN_BYTES } : {}) }
}

function modeOfSource<A extends { readonly mode?: unknown }>(args: A, { template: rendered }: Inputs): A {
  return args.mode === 'preserve' ? { ...args, mode: rendered?.mode } : args
}

function source({ template: rendered }: Inputs): Source {
  if (rendered === undefined) throw new ModuleFailure('the template was not rendered')
  const bytes = rendered.bytes ?? bytesOf(rendered.text)
  return { sha1: sha1Of(bytes), sizeBytes: bytes.length, upload: bytes, bytes: () => bytes, name: rendered.source }
}

/** The look always gives a state: a missing file is one of kind `absent`. */
function seen(state: Partial<FileState> | undefined): FileState {
  return { path: '', kind: 'absent', umask: 0o022, missingParents: 0, ...state }
}

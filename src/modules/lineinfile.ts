import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { defineState, ModuleFailure } from './module.ts'
import { type Edit, editArgs, editing, editResult, type FileText, linesOf, openText } from './parts/edited-file.ts'
import { absentFile, type FileState } from './parts/file-look.ts'
import { expand, pythonRegex, search } from './parts/python-regex.ts'

const table = {
  ...editArgs,
  line: { type: 'str', doc: 'The line that shall be there, or not.', aliases: ['value'] },
  regexp: {
    type: 'str',
    doc: 'A regular expression (Python’s syntax). The last line that it finds is replaced; all of them are removed.',
    aliases: ['regex'],
  },
  search_string: { type: 'str', doc: 'As `regexp`, but plain text that stands somewhere in the line.' },
  state: { type: 'str', doc: 'Whether the line shall be there.', choices: ['present', 'absent'], default: 'present' },
  insertafter: {
    type: 'str',
    doc: '`EOF`, or a regular expression: a new line goes behind the last line that it finds.',
  },
  insertbefore: {
    type: 'str',
    doc: '`BOF`, or a regular expression: a new line goes before the last line that it finds.',
  },
  firstmatch: { type: 'bool', doc: 'The first line found counts, in place of the last.', default: false },
  backrefs: {
    type: 'bool',
    doc: 'Opens `\\1`, `\\g<name>` in `line`. Nothing is done when `regexp` finds nothing.',
    default: false,
  },
  create: { type: 'bool', doc: 'Makes the file when it is missing.', default: false },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const lineinfile = defineState({
  summary: 'Keeps one line in a file, or keeps it out.',
  args: table,
  check: ({ regexp, search_string, insertafter, insertbefore, backrefs }) => [
    ...(regexp !== undefined && search_string !== undefined ? ['`regexp` and `search_string` exclude each other'] : []),
    ...(insertafter !== undefined && insertbefore !== undefined
      ? ['`insertafter` and `insertbefore` exclude each other']
      : []),
    ...(backrefs === true && search_string !== undefined ? ['`backrefs` and `search_string` exclude each other'] : []),
  ],
  examples: `
- lineinfile:
    path: /etc/ssh/sshd_config
    regexp: ^#?PasswordAuthentication
    line: PasswordAuthentication no
    validate: sshd -t -f %s
- lineinfile: dest=/etc/hosts regexp='.*{{ item }}$' line="10.0.0.5 {{ item }}" state=present
- ansible.builtin.lineinfile:
    path: /etc/environment
    line: LANG=C.UTF-8
    insertbefore: BOF
    create: yes
`,
  returnDocs: {
    msg: '`line added`, `line replaced` or `1 line(s) removed`.',
    backup: 'Where the old file is kept.',
    found: 'How many lines were removed.',
  },
  ...editing(edit),
  returns(args, { from = absentFile, to = absentFile, changed, output }, inputs) {
    const done = edit(args, from)
    const result = editResult({ from, to, changed, backup: output?.stdout }, done, inputs)
    return args.state === 'absent' && done.found !== undefined ? { ...result, found: done.found } : result
  },
})

interface LineEdit extends Edit {
  readonly found?: number
}

function edit(args: Args, from: FileState = absentFile): LineEdit {
  const file = openText(from)
  if (args.state === 'absent')
    return file.text === undefined ? { text: undefined, msg: 'file not present' } : without(args, file)
  if (args.line === undefined) throw new ModuleFailure('line is required with state=present')
  if (args.backrefs && args.regexp === undefined) throw new ModuleFailure('regexp is required with backrefs=true')
  if (file.text === undefined && !args.create)
    throw new ModuleFailure(`Destination ${args.path} does not exist !`, { rc: 257 })
  return withLine({ ...args, line: file.own(args.line) }, file)
}

/** Whether a line is meant, by `regexp` or `search_string`. Undefined when neither is given. */
function finder({ regexp, search_string }: Args, { own }: FileText): ((line: string) => boolean) | undefined {
  if (regexp !== undefined) {
    const regex = pythonRegex(own(regexp), { ascii: true })
    return line => search(regex, line) !== undefined
  }
  if (search_string !== undefined) return line => line.includes(own(search_string))
  return undefined
}

function without(args: Args, file: FileText): LineEdit {
  if (args.regexp === undefined && args.search_string === undefined && args.line === undefined) {
    throw new ModuleFailure('one of line, search_string, or regexp is required with state=absent')
  }
  const line = args.line === undefined ? undefined : file.own(args.line)
  const meant = finder(args, file) ?? (other => bare(other) === line)
  const lines = linesOf(file.text)
  const kept = lines.filter(other => !meant(other))
  const found = lines.length - kept.length
  return { text: kept.join(''), found, msg: found > 0 ? `${found} line(s) removed` : '' }
}

function withLine(args: Args & { readonly line: string }, file: FileText): Edit {
  const lines = linesOf(file.text)
  const meant = finder(args, file)
  const hit = meant === undefined ? -1 : args.firstmatch ? lines.findIndex(meant) : lines.findLastIndex(meant)
  const exact = hit === -1 ? lines.findLastIndex(other => bare(other) === args.line) : -1
  if (hit !== -1 || (exact !== -1 && !args.backrefs)) {
    const at = hit === -1 ? exact : hit
    const line = ended(hit !== -1 && args.backrefs ? opened(args, file, lines[at] ?? '') : args.line)
    return lines[at] === line ? unchanged(file) : { text: lines.with(at, line).join(''), msg: 'line replaced' }
  }
  if (args.backrefs) return unchanged(file)
  const at = place(args, file, lines)
  const before = lines.slice(0, at)
  const last = before.pop()
  return {
    text: [...before, ...(last === undefined ? [] : [ended(last)]), ended(args.line), ...lines.slice(at)].join(''),
    msg: 'line added',
  }
}

/** Where a new line goes: at the end, unless `insertafter` or `insertbefore` find another place. */
function place({ insertafter, insertbefore, firstmatch }: Args, { own }: FileText, lines: readonly string[]): number {
  if (insertbefore === 'BOF' || insertafter === 'BOF') return 0
  const anchor = insertafter ?? insertbefore
  if (anchor === undefined || insertafter === 'EOF') return lines.length
  const regex = pythonRegex(own(anchor), { ascii: true })
  const found = (line: string) => search(regex, line) !== undefined
  const at = firstmatch ? lines.findIndex(found) : lines.findLastIndex(found)
  if (at === -1) return lines.length
  return insertafter === undefined ? at : at + 1
}

function opened({ regexp, line }: Args & { readonly line: string }, { own }: FileText, found: string): string {
  const match = search(pythonRegex(own(regexp ?? ''), { ascii: true }), found)
  return match === undefined ? line : expand(line, match)
}

function unchanged({ text }: FileText): Edit {
  return { text, msg: '' }
}

function bare(line: string): string {
  return line.replace(/[\r\n]+$/, '')
}

function ended(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n`
}

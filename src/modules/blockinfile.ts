import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { defineState, ModuleFailure } from './module.ts'
import { type Edit, editArgs, editing, editResult, type FileText, linesOf, openText } from './parts/edited-file.ts'
import { absentFile, type FileState } from './parts/file-look.ts'
import { pythonRegex, search } from './parts/python-regex.ts'

const table = {
  ...editArgs,
  block: {
    type: 'str',
    doc: 'The lines between the markers. Without any, the block is removed.',
    default: '',
    aliases: ['content'],
  },
  marker: {
    type: 'str',
    doc: 'The line before and behind the block, in which `{mark}` stands for `BEGIN` or `END`.',
    default: '# {mark} ANSIBLE MANAGED BLOCK',
  },
  marker_begin: { type: 'str', doc: 'What `{mark}` is before the block.', default: 'BEGIN' },
  marker_end: { type: 'str', doc: 'What `{mark}` is behind the block.', default: 'END' },
  insertafter: {
    type: 'str',
    doc: '`EOF`, or a regular expression: a new block goes behind the last line that it finds.',
  },
  insertbefore: {
    type: 'str',
    doc: '`BOF`, or a regular expression: a new block goes before the last line that it finds.',
  },
  state: { type: 'str', doc: 'Whether the block shall be there.', choices: ['present', 'absent'], default: 'present' },
  create: { type: 'bool', doc: 'Makes the file when it is missing.', default: false },
  append_newline: { type: 'bool', doc: 'Keeps an empty line behind the block.', default: false },
  prepend_newline: { type: 'bool', doc: 'Keeps an empty line before the block.', default: false },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const blockinfile = defineState({
  summary: 'Keeps a block of lines in a file, between two marker lines.',
  args: table,
  check: ({ insertafter, insertbefore }) =>
    insertafter !== undefined && insertbefore !== undefined
      ? ['`insertafter` and `insertbefore` exclude each other']
      : [],
  examples: `
- blockinfile:
    path: /etc/hosts
    marker: "# {mark} cluster"
    block: |
      10.0.0.5 prodserver
      10.0.0.6 devserver
- ansible.builtin.blockinfile:
    path: /etc/profile
    state: absent
`,
  returnDocs: {
    msg: '`Block inserted`, `Block removed` or `File created`.',
    backup_file: 'Where the old file is kept.',
  },
  ...editing(edit),
  returns(args, { from = absentFile, to = absentFile, changed, output }, inputs) {
    const { backup, ...result } = editResult({ from, to, changed, backup: output?.stdout }, edit(args, from), inputs)
    return backup ? { ...result, backup_file: backup } : result
  },
})

function edit(args: Args, from: FileState = absentFile): Edit {
  const file = openText(from)
  if (file.text === undefined) {
    if (args.state === 'absent') return { text: undefined, msg: `File ${args.path} not present` }
    if (!args.create) throw new ModuleFailure(`Path ${args.path} does not exist !`, { rc: 257 })
  }
  const block = args.state === 'present' ? file.own(args.block) : ''
  const text = withBlock(args, file, block)
  if (file.text === undefined) return { text, msg: 'File created' }
  if (text === file.text) return { text, msg: '' }
  return { text, msg: block === '' ? 'Block removed' : 'Block inserted' }
}

function withBlock(args: Args, file: FileText, block: string): string {
  const begin = ended(file.own(args.marker).replaceAll('{mark}', () => file.own(args.marker_begin)))
  const end = ended(file.own(args.marker).replaceAll('{mark}', () => file.own(args.marker_end)))
  const lines = linesOf(file.text)
  // The last line may lack its end, and is a marker all the same.
  const is = (marker: string) => (line: string) => ended(line) === marker
  const marks = [lines.findLastIndex(is(begin)), lines.findLastIndex(is(end))]
  const found = !marks.includes(-1)
  const at = found ? Math.min(...marks) : place(args, file, lines)
  const before = lines.slice(0, at)
  const after = lines.slice(found ? Math.max(...marks) + 1 : at)
  const last = before.pop()
  if (last !== undefined) before.push(ended(last))
  const blank = (line: string | undefined) => line !== undefined && line !== '\n'
  if (block !== '' || args.state === 'present') {
    if (args.prepend_newline && blank(before.at(-1))) before.push('\n')
    if (args.append_newline && blank(after[0])) after.unshift('\n')
  }
  return [...before, ...(block === '' ? [] : [begin, ended(block), end]), ...after].join('')
}

/** The number of lines before a new block. */
function place({ insertafter, insertbefore }: Args, file: FileText, lines: readonly string[]): number {
  if (insertbefore === 'BOF') return 0
  const anchor = insertafter ?? insertbefore
  if (anchor === undefined || insertafter === 'EOF') return lines.length
  const at = anchorLine(file.own(anchor), insertafter !== undefined, file.text ?? '', lines)
  if (at === -1) return lines.length
  return insertafter === undefined ? at : at + 1
}

/** The last line that the expression finds; with `(?m)`, where its first match in the whole text begins or ends. */
function anchorLine(anchor: string, atEnd: boolean, text: string, lines: readonly string[]): number {
  const regex = pythonRegex(anchor, { ascii: true })
  if (!/^\(\?[a-z]*m/.test(anchor)) return lines.findLastIndex(line => search(regex, line) !== undefined)
  const match = search(regex, text)
  if (match === undefined) return -1
  const offset = match.index + (atEnd ? match[0].length : 0)
  return text.slice(0, offset).split('\n').length - 1
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}

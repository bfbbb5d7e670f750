import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { defineState, ModuleFailure } from './module.ts'
import { type Edit, editArgs, editing, editResult, type FileText, openText } from './parts/edited-file.ts'
import { absentFile, type FileState } from './parts/file-look.ts'
import { checkReplacement, expand, pythonRegex, search } from './parts/python-regex.ts'

const table = {
  ...editArgs,
  regexp: {
    type: 'str',
    doc: 'A regular expression (Python’s syntax). `^` and `$` stand at every line; `.` does not match a line break.',
    required: true,
  },
  replace: {
    type: 'str',
    doc: 'What takes the place of each match; `\\1` and `\\g<name>` are opened. Nothing by default.',
    default: '',
  },
  after: { type: 'str', doc: 'Only what stands behind the first match of this expression is searched.' },
  before: { type: 'str', doc: 'Only what stands before the first match of this expression is searched.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const replace = defineState({
  summary: 'Replaces all matches of a regular expression in a file.',
  details: 'It is up to you that the replacement is not found again, or every run changes the file.',
  args: table,
  examples: `
- replace:
    path: /etc/hosts
    regexp: (\\s+)old\\.host\\.name(\\s+.*)?$
    replace: \\1new.host.name\\2
- ansible.builtin.replace:
    path: /etc/apache2/sites-available/default.conf
    after: <VirtualHost [*]>
    before: </VirtualHost>
    regexp: ^(.+)$
    replace: '# \\1'
`,
  returnDocs: { msg: 'How many replacements were made.', backup_file: 'Where the old file is kept.' },
  ...editing(edit),
  returns(args, { from = absentFile, to = absentFile, changed, output }, inputs) {
    const { backup, ...result } = editResult({ from, to, changed, backup: output?.stdout }, edit(args, from), inputs)
    return { ...result, rc: 0, ...(backup ? { backup_file: backup } : {}) }
  },
})

function edit(args: Args, from: FileState = absentFile): Edit {
  const file = openText(from)
  const { text } = file
  if (text === undefined) throw new ModuleFailure(`Path ${args.path} does not exist !`, { rc: 257 })
  const section = sectionOf(args, file, text)
  if (section === undefined) {
    return {
      text,
      msg: `Pattern for before/after params did not match the given file: ${args.after ?? ''}${innerOf(args)}${args.before ?? ''}`,
    }
  }
  const [start, end] = section
  let count = 0
  const old = text.slice(start, end)
  const regex = pythonRegex(file.own(args.regexp), { multiline: true })
  const template = file.own(args.replace)
  checkReplacement(template, regex)
  const done = old.replace(regex, (...found: unknown[]) => {
    count++
    return expand(template, asMatch(found))
  })
  return { text: text.slice(0, start) + done + text.slice(end), msg: done === old ? '' : `${count} replacements made` }
}

/** Where the part between `after` and `before` begins and ends; undefined when it is not found. */
function sectionOf({ after, before }: Args, { own }: FileText, text: string): readonly [number, number] | undefined {
  if (after === undefined && before === undefined) return [0, text.length]
  const match = search(
    pythonRegex(`${own(after ?? '')}${innerOf({ after, before })}${own(before ?? '')}`, { dotAll: true }),
    text,
  )
  return match?.indices?.groups?.subsection
}

function innerOf({ after, before }: Pick<Args, 'after' | 'before'>): string {
  return after !== undefined && before !== undefined ? '(?P<subsection>.*?)' : '(?P<subsection>.*)'
}

/** The arguments of a replacing function as the match that they describe. */
function asMatch(found: readonly unknown[]): RegExpExecArray {
  const named = typeof found.at(-1) === 'object' ? (found.at(-1) as Record<string, string>) : undefined // as String.replace gives it
  const texts = found.slice(0, named === undefined ? -2 : -3) as string[] // whole match and groups come first
  const match: RegExpExecArray = Object.assign([texts[0] ?? '', ...texts.slice(1)] as [string, ...string[]], {
    index: 0,
    input: '',
  })
  return named === undefined ? match : Object.assign(match, { groups: named })
}

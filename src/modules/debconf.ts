import type { ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  name: { type: 'str', required: true, aliases: ['pkg'], doc: 'The package.' },
  question: {
    type: 'str',
    aliases: ['selection', 'setting'],
    doc: 'The question; without one, answers are only read.',
  },
  vtype: {
    type: 'str',
    choices: ['boolean', 'error', 'multiselect', 'note', 'password', 'seen', 'select', 'string', 'text', 'title'],
    doc: 'The kind of the answer.',
  },
  value: { type: 'raw', aliases: ['answer'], doc: 'The answer; a list for `multiselect`.' },
  unseen: { type: 'bool', default: false, doc: 'The question counts as not asked yet.' },
} as const satisfies ArgTable

type Answers = { readonly answer?: string | undefined; readonly all?: { readonly [question: string]: string } }

export const debconf = defineState({
  summary: 'Answers a question of a Debian package before it is asked.',
  args: table,
  check: ({ question, vtype, value, name }) => [
    ...(question !== undefined && (vtype === undefined || value === undefined)
      ? ['when supplying a question you must supply a valid vtype and value']
      : []),
    ...([question, name].some(text => text !== undefined && /\s/.test(text))
      ? ['`name` and `question` hold no blanks']
      : []),
    ...(textOf(value).includes('\n') ? ['`value` holds no line break'] : []),
  ],
  examples: `
- debconf: name=locales question=locales/default_environment_locale value=C.UTF-8 vtype=select
- ansible.builtin.debconf: { name: tzdata }
`,
  returnDocs: { current: 'Question → answer.', previous: 'The same, before the change.' },
  look: ({ name, question, vtype }) =>
    lines(
      sh`command -v debconf-show >/dev/null 2>&1 || { echo 'debconf is not on this host' >&2; exit 3; }
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive`,
      section('all'),
      sh`debconf-show -- ${name} || exit`,
      question !== undefined && vtype === 'password' && section('password'),
      question !== undefined &&
        vtype === 'password' &&
        sh`printf 'GET %s\n' ${question} | debconf-communicate ${name} 2>/dev/null
:`,
    ),
  read({ status, stdout, stderr }, { question, vtype }): Answers {
    if (status !== 0) throw new ModuleFailure(stderr.trim() || `exit status ${status}`, { rc: status })
    const parts = sections(stdout)
    const all: Record<string, string> = {}
    for (const line of (parts.get('all') ?? '').split('\n')) {
      const found = /^[* ] ([^:]+): ?(.*)$/.exec(line)
      if (found) all[found[1] ?? ''] = found[2] ?? ''
    }
    if (question === undefined) return { all }
    const secret = /^0 (.*)$/m.exec(parts.get('password') ?? '')?.[1]
    return { all, answer: vtype === 'password' ? secret : all[question] }
  },
  want({ question, vtype, value }) {
    if (question === undefined) return {}
    const text = textOf(value)
    return { answer: vtype === 'boolean' ? text.toLowerCase() : text }
  },
  same: {
    // Choices of several come back in the order of the package
    answer: (is, want) => is === want || (is?.includes(', ') === true && sorted(is) === sorted(want ?? '')),
  },
  change: ({ name, question, vtype, unseen }, { to }) => ({
    script: sh`export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
debconf-set-selections ${unseen ? ['-u'] : []}`,
    stdin: `${name} ${question} ${vtype} ${to?.answer ?? ''}\n`,
  }),
  diff: ({ question, vtype }, { from, to }) => {
    const shown = (answer: string | undefined) => `${question}: ${vtype === 'password' ? '(hidden)' : (answer ?? '')}\n`
    return { before: shown(from?.answer), after: shown(to?.answer) }
  },
  returns: ({ question }, { from, to, changed }) => ({
    changed,
    msg: '',
    current:
      changed && question !== undefined ? { [question]: to?.all?.[question] ?? to?.answer ?? '' } : (to?.all ?? {}),
    ...(changed && question !== undefined ? { previous: { [question]: from?.all?.[question] ?? '' } } : {}),
  }),
})

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(', ')
  if (value === undefined || value === null) return ''
  return String(value)
}

function sorted(text: string): string {
  return text.split(', ').sort().join(', ')
}

import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { defineState, ModuleFailure } from './module.ts'
import { changeEdited, diffEdited, type Edit, linesOf, openText, wantEdited } from './parts/edited-file.ts'
import { absentFile, type FileState, lookAtFile, readFile } from './parts/file-look.ts'

const types = ['account', '-account', 'auth', '-auth', 'password', '-password', 'session', '-session'] as const

const table = {
  name: { type: 'str', required: true, doc: 'The service, such as `system-auth`.' },
  type: { type: 'str', required: true, choices: types, doc: 'The type of the rule.' },
  control: { type: 'str', required: true, doc: 'Its control, which may be in brackets.' },
  module_path: { type: 'str', required: true, doc: 'Its module.' },
  new_type: { type: 'str', choices: types, doc: 'The type of the new rule.' },
  new_control: { type: 'str', doc: 'Its control.' },
  new_module_path: { type: 'str', doc: 'Its module.' },
  module_arguments: { type: 'list', elements: 'str', doc: 'Arguments of the module.' },
  state: {
    type: 'str',
    choices: ['absent', 'before', 'after', 'args_absent', 'args_present', 'updated'],
    default: 'updated',
    doc: 'Changes the rule; or takes it away, puts a new one before or after it, or takes arguments from it or gives it some.',
  },
  path: { type: 'path', default: '/etc/pam.d', doc: 'The folder of services.' },
  backup: { type: 'bool', default: false, doc: 'Keeps the old file under a name with the time.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const pamd = defineState({
  summary: 'Changes rules of services of PAM.',
  details: 'A rule that is not there is no failure: nothing is changed then. No line with the time is added.',
  args: table,
  check: args => [
    ...((args.state === 'before' || args.state === 'after') &&
    [args.new_type, args.new_control, args.new_module_path].includes(undefined)
      ? [`\`new_type\`, \`new_control\` and \`new_module_path\` are needed with \`state: ${args.state}\``]
      : []),
    ...((args.state === 'args_absent' || args.state === 'args_present') && args.module_arguments === undefined
      ? [`\`module_arguments\` are needed with \`state: ${args.state}\``]
      : []),
    ...(args.state === 'args_present' && args.module_arguments?.some(each => each.startsWith('['))
      ? ["Unable to process bracketed '[' complex arguments with 'args_present'. Please use 'updated'."]
      : []),
    ...([args.control, args.module_path, args.new_control, args.new_module_path, ...(args.module_arguments ?? [])].some(
      text => text?.includes('\n'),
    )
      ? ['a rule holds no line break']
      : []),
  ],
  examples: `
- pamd: name=system-auth type=auth control=required module_path=pam_faillock.so new_control=sufficient
- community.general.pamd:
    name: common-auth
    type: auth
    control: "[success=1 default=ignore]"
    module_path: pam_unix.so
    module_arguments: [nullok]
    state: args_absent
- pamd:
    name: su
    type: auth
    control: sufficient
    module_path: pam_rootok.so
    new_type: auth
    new_control: required
    new_module_path: pam_wheel.so
    module_arguments: use_uid
    state: after
`,
  returnDocs: { change_count: 'How many rules were changed.', backupdest: 'The backup.' },
  look: args => lookAtFile(pathOf(args), { follow: true, content: true }),
  read(output, args, { checkMode }): FileState {
    const file = readFile(output, { follow: true, content: true })
    if (file.kind === 'absent' && !checkMode)
      throw new ModuleFailure(`Unable to open/read PAM module file ${pathOf(args)}`)
    return file
  },
  want: (args, from = absentFile) => (from.kind === 'absent' ? {} : wantEdited(filed(args), from, edit(args, from))),
  change: (args, { from = absentFile, to = {} }) => changeEdited(filed(args), from, to, edit(args, from)),
  diff: (args, { from = absentFile, to = {} }) => diffEdited(from, to, edit(args, from)),
  returns(args, { from = absentFile, changed, output }) {
    return { changed, change_count: changed ? edit(args, from).count : 0, backupdest: output?.stdout.trim() ?? '' }
  },
})

function pathOf({ path, name }: Args): string {
  return `${path}/${name}`
}

function filed(args: Args) {
  return { path: pathOf(args), backup: args.backup, unsafe_writes: false }
}

/** A rule; text that is none, such as a comment, is kept as a line. */
interface Rule {
  readonly type: string
  readonly control: string
  readonly path: string
  readonly args: readonly string[]
}

function edit(args: Args, from: FileState): Edit & { count: number } {
  const { text = '', own } = openText(from)
  const lines = linesOf(text)
  const rules = lines.map(parse)
  let count = 0
  const out: string[] = []
  const added: Rule = {
    type: args.new_type ?? '',
    control: own(args.new_control ?? ''),
    path: own(args.new_module_path ?? ''),
    args: words(args.module_arguments).map(own),
  }
  for (const [i, line] of lines.entries()) {
    const rule = rules[i]
    const matches =
      rule !== undefined && same(rule, { type: args.type, control: own(args.control), path: own(args.module_path) })
    if (!matches) {
      out.push(line)
      continue
    }
    const next = changed(args, rule, own)
    const before = args.state === 'before' && !isRule(neighbour(lines, rules, i, -1), added)
    const after = args.state === 'after' && !isRule(neighbour(lines, rules, i, 1), added)
    if (next !== rule || before || after) count++
    if (before) out.push(shown(added))
    if (next !== undefined) out.push(next === rule ? (after && !line.endsWith('\n') ? `${line}\n` : line) : shown(next))
    if (after) out.push(shown(added))
  }
  return { text: out.join(''), msg: '', count }
}

/** What becomes of a rule: undefined when it goes, the same object when it stays. */
function changed(args: Args, rule: Rule, own: (text: string) => string): Rule | undefined {
  const given = words(args.module_arguments).map(own)
  switch (args.state) {
    case 'absent':
      return undefined
    case 'before':
    case 'after':
      return rule
    case 'args_absent': {
      const left = rule.args.filter(each => !given.includes(each))
      return left.length === rule.args.length ? rule : { ...rule, args: left }
    }
    case 'args_present': {
      const all = [...rule.args]
      for (const each of given) {
        const key = /^[^=]+=/.exec(each)?.[0]
        const at = key === undefined ? all.indexOf(each) : all.findIndex(is => is.startsWith(key))
        if (at === -1) all.push(each)
        else all[at] = each
      }
      return all.join('\n') === rule.args.join('\n') ? rule : { ...rule, args: all }
    }
    default: {
      const next = {
        type: args.new_type ?? rule.type,
        control: own(args.new_control ?? rule.control),
        path: own(args.new_module_path ?? rule.path),
        args: args.module_arguments === undefined ? rule.args : given,
      }
      return same(next, rule) && next.args.join('\n') === rule.args.join('\n') ? rule : next
    }
  }
}

/** The rule before or behind, over comments and empty lines; an `@include` ends the search. */
function neighbour(
  lines: readonly string[],
  rules: readonly (Rule | undefined)[],
  at: number,
  by: 1 | -1,
): Rule | undefined {
  for (let i = at + by; i >= 0 && i < lines.length; i += by) {
    if (/^\s*(#|$)/.test(lines[i] ?? '')) continue
    return rules[i]
  }
  return undefined
}

function isRule(rule: Rule | undefined, other: Rule): boolean {
  return rule !== undefined && same(rule, other)
}

function same(rule: Omit<Rule, 'args'>, other: Omit<Rule, 'args'>): boolean {
  const control = (text: string) => text.replace(/\s+/g, ' ').replace(/\s*=\s*/g, '=')
  return rule.type === other.type && control(rule.control) === control(other.control) && rule.path === other.path
}

function parse(line: string): Rule | undefined {
  const match = /^\s*(-?\w+)\s+(\[[^\]]*\]|\S+)\s+(\S+)(.*)$/s.exec(line)
  if (match === null || line.trimStart().startsWith('#') || !types.some(type => type === match[1])) return undefined
  const [, type = '', control = '', path = '', rest = ''] = match
  return { type, control, path, args: words([rest]) }
}

/** Arguments; one in brackets may hold blanks. */
function words(texts: readonly string[] | undefined): string[] {
  return (texts ?? []).flatMap(text => text.match(/\[[^\]]*\]|[^\s[]+/g) ?? [])
}

function shown({ type, control, path, args }: Rule): string {
  return `${[type, control, [path, ...args].join(' ')].join('\t')}\n`
}

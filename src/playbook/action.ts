import type { Position } from '../errors.ts'
import type { Module } from '../modules/module.ts'
import { didYouMean, near } from '../near.ts'
import { holdsTemplate } from '../schema/check-args.ts'
import { data, type Entry, keyText, type MapNode, type ScalarNode, type SourceNode } from '../source/node.ts'
import { absentModule } from './absent-module.ts'
import { becomesOf, isFormerInclude } from './former-include.ts'
import { parseKeyValues } from './key-values.ts'
import { formerKeywords } from './keyword-table.ts'
import type { Session } from './session.ts'
import { checkTemplates } from './templates.ts'
import type { Written } from './types.ts'
import { isEmpty } from './values.ts'

/** Actions that the loader and the engine know themselves. */
export const ownActions = ['meta', 'include_tasks', 'import_tasks', 'include_role', 'import_role'] as const

export type OwnAction = (typeof ownActions)[number]

/** What a task does: a module or an action of our own, with its arguments as written. */
export interface Action {
  readonly asWritten: string
  /** Undefined for our own actions. */
  readonly module: Module | undefined
  readonly own: OwnAction | undefined
  /** Where the module's name stands. */
  readonly at: Position
  readonly args: Readonly<Record<string, unknown>>
  readonly argsTemplate: Written<string> | undefined
  /** `action: "{{ ansible_pkg_mgr }} name=x"`: the module is known only while playing. */
  readonly moduleTemplate: Written<string> | undefined
  /** `local_action`: done on the controller. */
  readonly local: boolean
  /** An `include` of the old kind, whose further arguments are tags and variables. */
  readonly former: boolean
  argAt(name?: string, part?: 'key' | 'value'): Position
  /** The value's node, when it is not part of a text. */
  argNode(name: string): SourceNode | undefined
}

/** Where the name or the value of an argument stands. */
type Place = (part: 'key' | 'value') => Position

/** Text that is no `key=value` pair is kept under this name until the module's free-form argument is known. */
const freeText = '_raw_params'
const rawText = new Set(['command', 'shell', 'raw', 'script'])

/** The action of a task; undefined when there is none or several, which is told. `keywords` are keys that are no modules. */
export function findAction(task: MapNode, keywords: ReadonlySet<string>, session: Session): Action | undefined {
  const { problems } = session
  const former = task.entries.some(({ key }) => isFormerInclude(keyText(key)))
  const isKnown = (name: string) => keywords.has(name) || isLoop(name) || (former && name === 'static')
  const actions: Entry[] = []
  const unknown: Entry[] = []
  for (const entry of task.entries) {
    const name = keyText(entry.key)
    if (isIndirect(name)) actions.push(entry)
    else if (!isKnown(name)) (isAction(name, session) ? actions : unknown).push(entry)
  }
  const [first, second] = actions
  const noModule = first === undefined
  for (const entry of unknown) tellUnknown(entry, { keywords, session, noModule: noModule && unknown.length === 1 })
  if (first === undefined) {
    if (unknown.length === 0) {
      problems.error('no-module', 'this task has no module', { at: task.at, hint: 'a task is `- module: arguments`' })
    }
    return undefined
  }
  if (second !== undefined) {
    const names = [first, second].map(entry => keyText(entry.key))
    problems.error('conflicting-actions', `conflicting action statements: ${names.join(', ')}`, {
      at: second.key.at,
      hint: 'one task runs one module; begin another task with `- `',
    })
    return undefined
  }
  const extra = task.get('args')
  if (isIndirect(keyText(first.key))) return indirectAction(first, { extra, session })
  const name = former ? becomesOf(first, task, problems) : keyText(first.key)
  return action(name, { key: first.key, value: first.value, extra, session, local: false })
}

function isIndirect(name: string): boolean {
  return name === 'action' || name === 'local_action'
}

function isLoop(name: string): boolean {
  return name.startsWith('with_')
}

function isAction(name: string, session: Session): boolean {
  return ownAction(name) !== undefined || isFormerInclude(name) || session.modules.find(name) !== undefined
}

function ownAction(name: string): OwnAction | undefined {
  const bare = name.replace(/^ansible\.(?:builtin|legacy)\./, '')
  return ownActions.find(own => own === bare)
}

/** A key that is neither keyword nor module: it is told as what it was probably meant to be. */
function tellUnknown(
  { key }: Entry,
  { keywords, session, noModule }: { keywords: ReadonlySet<string>; session: Session; noModule: boolean },
): void {
  const name = keyText(key)
  const former = formerKeywords[name]
  const modules = [...session.modules.names(), ...ownActions]
  const bare = name.slice(name.lastIndexOf('.') + 1)
  const nearKeyword = near(name, keywords).length > 0
  const nearModule = near(bare, modules).length > 0
  if (former !== undefined) {
    session.problems.error('former-keyword', `\`${name}\` is a keyword of old versions`, { at: key.at, hint: former })
  } else if (absentModule(name, known(session)) || name.includes('.') || (noModule && (nearModule || !nearKeyword))) {
    tellModule(name, key.at, { session, names: modules })
  } else {
    const hint = didYouMean(name, noModule ? keywords : [...keywords, ...modules])
    session.problems.error('unknown-key', `unknown key \`${name}\` of a task`, {
      at: key.at,
      hint: hint ?? 'it is neither a keyword nor a module',
    })
  }
}

/** A module of Ansible's that is not here, or none at all. */
function tellModule(
  name: string,
  at: Position,
  { session, names }: { session: Session; names: readonly string[] },
): void {
  const absent = absentModule(name, known(session))
  if (absent !== undefined) {
    const message = `\`${name}\` is a module of ${absent.collection} that is not here`
    session.problems.error('absent-module', message, { at, hint: absent.instead })
    return
  }
  const hint = didYouMean(name.slice(name.lastIndexOf('.') + 1), names)
  session.problems.error('unknown-module', `unknown module \`${name}\``, { at, hint })
}

function known({ modules }: Session): (name: string) => boolean {
  return name => modules.find(name) !== undefined
}

interface Parts {
  readonly key: ScalarNode
  readonly value: SourceNode
  readonly extra: SourceNode | undefined
  readonly session: Session
  readonly local: boolean
  /** Free text with the module's name in front, which `value` is when `action: module …` was written. */
  readonly text?: string
}

/** `action: module key=value` and `action: {module: name, key: value}`. */
function indirectAction(entry: Entry, { extra, session }: Pick<Parts, 'extra' | 'session'>): Action | undefined {
  const local = keyText(entry.key) === 'local_action'
  const { key, value } = entry
  let name: string | undefined
  let text: string | undefined
  if (value.kind === 'map') {
    const node = value.get('module')
    if (node?.kind === 'scalar' && typeof node.value === 'string') name = node.value
  } else if (value.kind === 'scalar' && typeof value.value === 'string') {
    const match = /^\s*((?:\{\{.*?\}\}|\S)+)\s*(.*)$/s.exec(value.value)
    name = match?.[1]
    text = match?.[2] ?? ''
  }
  if (name === undefined) {
    session.problems.error('no-module', `\`${keyText(key)}\` names no module`, {
      at: value.at,
      hint: `write \`${keyText(key)}: module key=value …\`, or a mapping with the key \`module\``,
    })
    return undefined
  }
  if (!isAction(name, session) && !holdsTemplate(name)) {
    const at =
      value.kind === 'scalar' ? value.locate(0, name.length) : value.kind === 'map' ? value.get('module')?.at : value.at
    tellModule(name, at ?? key.at, { session, names: session.modules.names() })
    return undefined
  }
  const parts = { key, value, extra, session, local }
  return action(name, text === undefined ? parts : { ...parts, text })
}

function action(asWritten: string, parts: Parts): Action | undefined {
  const { key, value, extra, session, local } = parts
  const own = ownAction(asWritten)
  const module = own === undefined ? session.modules.find(asWritten) : undefined
  const args: Record<string, unknown> = {}
  const places = new Map<string, Place>()
  const nodes = new Map<string, SourceNode>()
  const indirect = module === undefined && own === undefined
  const free = own === undefined && !indirect ? module?.freeForm : freeText
  const command = rawText.has(asWritten.slice(asWritten.lastIndexOf('.') + 1))
  let argsTemplate: Written<string> | undefined

  if (extra !== undefined && !isEmpty(extra)) {
    if (extra.kind === 'scalar' && /^\s*\{\{/.test(String(extra.value))) {
      argsTemplate = { value: String(extra.value), at: extra.templateAt }
      session.problems.add(checkTemplates(extra))
    } else if (!take(extra)) return undefined
  }
  if (!isEmpty(value) && !take(value, parts.text)) return undefined
  return {
    asWritten,
    module,
    own,
    at: key.at,
    args,
    argsTemplate,
    moduleTemplate: indirect
      ? { value: asWritten, at: value.kind === 'scalar' ? value.templateAt : value.at }
      : undefined,
    local,
    former: isFormerInclude(keyText(key)),
    argAt(name, part = 'value') {
      const place = name === undefined ? undefined : places.get(name)
      return place === undefined ? key.at : place(part)
    },
    argNode: name => nodes.get(name),
  }

  /** Adds arguments; false when they could not be read. */
  function take(node: SourceNode, text?: string): boolean {
    if (node.kind === 'scalar')
      return takeText(node, text ?? (typeof node.value === 'string' ? node.value : node.sourceText))
    session.problems.add(checkTemplates(node))
    if (node.kind === 'map') {
      for (const entry of node.entries) {
        const name = keyText(entry.key)
        if (name === 'module' && (keyText(key) === 'action' || local)) continue
        const bare = name === freeText && free ? free : name
        nodes.set(bare, entry.value)
        set(bare, data(entry.value), part => {
          if (part === 'key') return entry.key.at
          return entry.value.kind === 'scalar' ? entry.value.templateAt : entry.value.at
        })
      }
      return true
    }
    session.problems.error('arguments', `${asWritten} takes a mapping of arguments or \`key=value\` text, not a list`, {
      at: node.at,
    })
    return false
  }

  function takeText(node: ScalarNode, text: string): boolean {
    const found = parseKeyValues(text, { command })
    if (found === undefined) {
      session.problems.error('arguments', 'a quote or a template in these arguments is not closed', {
        at: node.at,
        hint: 'write the arguments as a mapping, one a line',
      })
      return false
    }
    session.problems.add(checkTemplates(node))
    for (const [name, value] of found.pairs) {
      set(name, value, part => {
        const offset = typeof node.value === 'string' ? nameOffset(node.value, name) : -1
        if (offset === -1) return node.templateAt
        if (part === 'key') return node.locate(offset, name.length)
        return node.locate(offset + name.length + 1, Math.max(1, value.length))
      })
    }
    if (found.rest.trim() === '') return true
    if (free === undefined && found.pairs.size === 0 && /^\{\{[^{}]*\}\}$/.test(text.trim())) {
      argsTemplate = { value: text.trim(), at: node.templateAt }
      return true
    }
    if (free === undefined) {
      const at = node.locate(Math.max(0, String(node.value).indexOf(found.rest.trim())), found.rest.trim().length)
      const hint = `write \`${asWritten}: key=value\`, or a mapping of arguments`
      session.problems.error('free-form', `${asWritten} takes no free text: \`${found.rest.trim()}\``, { at, hint })
      return false
    }
    set(free, found.rest, () => node.templateAt)
    return true
  }

  function set(name: string, value: unknown, place: Place): void {
    args[name] = value
    places.set(name, place)
  }
}

function nameOffset(text: string, name: string): number {
  const match = new RegExp(`(?:^|\\s)(${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')})=`).exec(text)
  return match ? match.index + match[0].length - name.length - 1 : -1
}

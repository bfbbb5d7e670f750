import { didYouMean } from '../near.ts'
import { holdsTemplate } from '../schema/check-args.ts'
import { data, keyText, type MapNode, type SourceNode } from '../source/node.ts'
import type { KeywordType } from './keyword-table.ts'
import { checkGroup } from './module-defaults.ts'
import type { Problems } from './problems.ts'
import { checkTemplates } from './templates.ts'
import type { Keywords, Written } from './types.ts'
import { conditions, isEmpty, keyword, texts, variables, written } from './values.ts'

export const noKeywords: Keywords = { when: [], tags: [], vars: [], environment: [], moduleDefaults: [] }

/** Keywords that have one value, the innermost that is said. */
const singles = {
  become: 'become',
  become_user: 'becomeUser',
  become_method: 'becomeMethod',
  become_flags: 'becomeFlags',
  become_exe: 'becomeExe',
  remote_user: 'remoteUser',
  connection: 'connection',
  port: 'port',
  delegate_to: 'delegateTo',
  delegate_facts: 'delegateFacts',
  run_once: 'runOnce',
  ignore_errors: 'ignoreErrors',
  ignore_unreachable: 'ignoreUnreachable',
  any_errors_fatal: 'anyErrorsFatal',
  check_mode: 'checkMode',
  diff: 'diff',
  no_log: 'noLog',
  throttle: 'throttle',
  timeout: 'timeout',
  debugger: 'debugger',
} as const

type Single = (typeof singles)[keyof typeof singles]

const propertyOf: ReadonlyMap<string, Single> = new Map(Object.entries(singles))

/** When a task may be looked into. */
export const debuggerMoments = ['always', 'never', 'on_failed', 'on_unreachable', 'on_skipped']

type Singles = { -readonly [K in Single]?: Written }

/** What `inner` says, within `outer`. */
export function inherit(outer: Keywords, inner: Keywords): Keywords {
  return {
    ...outer,
    ...inner,
    when: joined(outer.when, inner.when),
    tags: inner.tags.length === 0 ? outer.tags : [...new Set([...outer.tags, ...inner.tags])],
    vars: joined(outer.vars, inner.vars),
    environment: joined(outer.environment, inner.environment),
    moduleDefaults: joined(outer.moduleDefaults, inner.moduleDefaults),
  }
}

/** Most tasks add nothing, and share the list of what is around them. */
function joined<T>(outer: readonly T[], inner: readonly T[]): readonly T[] {
  if (inner.length === 0) return outer
  return outer.length === 0 ? inner : [...outer, ...inner]
}

/** The keywords of a play, block, task or role that can be inherited. Keys that its table does not have are not looked at. */
export function readKeywords(map: MapNode, table: Readonly<Record<string, KeywordType>>, problems: Problems): Keywords {
  const found: Singles = {}
  for (const { key } of map.entries) {
    const name = keyText(key)
    const property = propertyOf.get(name)
    const type = table[name]
    if (property === undefined || type === undefined || type === 'special') continue
    const value = keyword(map, name, { type, problems })
    if (value) found[property] = value
  }
  const moment = found.debugger
  if (moment && !holdsTemplate(moment.value) && !debuggerMoments.includes(String(moment.value))) {
    problems.error('keyword-type', `\`debugger\` must be one of ${debuggerMoments.join(', ')}`, {
      at: moment.at,
      hint: didYouMean(String(moment.value), debuggerMoments),
    })
  }
  const vars = 'vars' in table ? variables(map.get('vars'), 'vars', problems) : undefined
  return {
    ...found,
    when: 'when' in table ? conditions(map.get('when'), 'when', problems) : [],
    tags: readTags(map.get('tags'), problems),
    vars: vars ? [vars] : [],
    environment: environment(map.get('environment'), problems),
    moduleDefaults: moduleDefaults(map.get('module_defaults'), problems),
  }
}

export function readTags(node: SourceNode | undefined, problems: Problems): string[] {
  return texts(node, 'tags', { problems, comma: true })
    .map(tag => tag.value)
    .filter(tag => tag !== '')
}

function environment(node: SourceNode | undefined, problems: Problems): Written[] {
  if (node === undefined || isEmpty(node)) return []
  problems.add(checkTemplates(node))
  const items = node.kind === 'seq' ? node.items : [node]
  const wrong = items.find(item => item.kind !== 'map' && !holdsTemplate(data(item)))
  if (wrong) {
    problems.error('keyword-type', '`environment` must be a mapping of names to values', { at: wrong.at })
    return []
  }
  return [written(node)]
}

function moduleDefaults(node: SourceNode | undefined, problems: Problems): Keywords['moduleDefaults'][number][] {
  if (node === undefined || isEmpty(node)) return []
  const maps = node.kind === 'seq' ? node.items : [node]
  return maps.flatMap(map => {
    if (map.kind !== 'map') {
      problems.error('keyword-type', '`module_defaults` must be a mapping of modules to arguments', { at: map.at })
      return []
    }
    problems.add(checkTemplates(map))
    return map.entries.map(({ key, value }) => {
      const name = String(key.value)
      checkGroup(name, key.at, problems)
      return { value: { [name]: data(value) }, at: value.kind === 'scalar' ? value.templateAt : key.at }
    })
  })
}

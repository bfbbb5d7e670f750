import { resolve } from 'node:path'
import { didYouMean } from '../near.ts'
import { holdsTemplate } from '../schema/check-args.ts'
import { shownPath } from '../source/load.ts'
import type { MapNode, SourceNode } from '../source/node.ts'
import { hashKinds } from '../template/template.ts'
import { isFile } from './files.ts'
import { warnOfUnknownHandlers } from './handler-names.ts'
import { playKeywords } from './keyword-table.ts'
import { inherit, noKeywords, readKeywords } from './keywords.ts'
import { implicitFlushId } from './list.ts'
import { readVars, useRoleEntry } from './roles.ts'
import type { Context, PlayContext, Session } from './session.ts'
import type { Handler, Keywords, Meta, Play, Step, VarsPrompt, Written } from './types.ts'
import { isEmpty, keyword, refuseUnknown, text, texts, variables, written } from './values.ts'

/** What an `import_playbook` adds to the plays it imports. */
export interface PlayBase {
  readonly keywords: Keywords
  readonly vars: Readonly<Record<string, unknown>>
  /** Absolute folder of the playbook file. */
  readonly directory: string
}

/** One play. Undefined when it is no play at all, which is told. */
export function loadPlay(map: MapNode, base: PlayBase, session: Session): Play | undefined {
  const { problems } = session
  refuseUnknown(map, 'a play', { known: Object.keys(playKeywords), problems })
  const factPath = map.entry('fact_path')
  if (factPath)
    problems.warn('`fact_path` has no effect: files of facts are read in /etc/ansible/facts.d', factPath.key.at)
  const hosts = readHosts(map, session)
  const { vars: _, ...table } = playKeywords
  const keywords = inherit(base.keywords, withUser(map, readKeywords(map, table, problems), session))
  const own = variables(map.get('vars'), 'vars', problems)
  const vars = { value: { ...own?.value, ...base.vars }, at: own?.at ?? map.at }
  const { files: varsFiles, known } = readVarsFiles(map, base.directory, session)
  const play: PlayContext = {
    directory: base.directory,
    vars: [vars.value, ...known],
    roles: [],
    roleHandlers: [],
    importedHandlers: [],
    importedRoles: new Map(),
    seenRoles: new Set(),
  }
  const context: Context = { session, play, keywords, directory: base.directory, notify: [], importing: [] }
  const parts = loadParts(map, context)
  const name =
    text(map.get('name'), 'name', problems)?.value ??
    (map.get('hosts')?.kind === 'seq' ? hosts?.value.replaceAll(':', ',') : hosts?.value) ??
    ''
  const strategy = readStrategy(map, session)
  const order = readOrder(map, session)
  const gatherSubset = map.get('gather_subset')
  return {
    id: session.nextId('play'),
    name,
    at: map.at,
    hosts: hosts ?? { value: '', at: map.at },
    ...optional('gatherFacts', keyword(map, 'gather_facts', { type: 'bool', problems })),
    ...optional('gatherSubset', isEmpty(gatherSubset) || !gatherSubset ? undefined : written(gatherSubset)),
    ...optional('gatherTimeout', keyword(map, 'gather_timeout', { type: 'int', problems })),
    ...(strategy ? { strategy } : {}),
    serial: readSerial(map.get('serial'), session),
    ...optional('maxFailPercentage', keyword(map, 'max_fail_percentage', { type: 'percent', problems })),
    ...(order ? { order } : {}),
    ...optional('forceHandlers', keyword(map, 'force_handlers', { type: 'bool', problems })),
    vars,
    varsFiles,
    varsPrompt: readPrompts(map.get('vars_prompt'), session),
    keywords,
    roles: play.roles,
    ...parts,
    directory: base.directory,
  }
}

function optional<K extends string>(name: K, value: Written | undefined): { [P in K]?: Written } {
  // a computed key widens to string, so the compiler needs to be told that it is this one
  return (value === undefined ? {} : { [name]: value }) as { [P in K]?: Written }
}

function loadParts(map: MapNode, context: Context): { steps: Step[]; handlers: Handler[] } {
  const { lists, problems } = context.session
  const pre = lists.steps(map.get('pre_tasks'), context)
  const roles = loadRoles(map.get('roles'), context)
  const tasks = lists.steps(map.get('tasks'), context)
  const post = lists.steps(map.get('post_tasks'), context)
  const own = lists.handlers(map.get('handlers'), context)
  const handlers = [...context.play.roleHandlers, ...own, ...context.play.importedHandlers]
  const flush = () => flushStep(map, context)
  const steps = [...pre, ...(pre.length > 0 ? [flush()] : []), ...roles, ...tasks, flush(), ...post]
  if (post.length > 0) steps.push(flush())
  warnOfUnknownHandlers(steps, handlers, problems)
  return { steps, handlers }
}

function loadRoles(node: SourceNode | undefined, context: Context): Step[] {
  const { problems } = context.session
  if (node === undefined || isEmpty(node)) return []
  if (node.kind !== 'seq') {
    problems.error('not-a-list', '`roles` must be a list of roles', { at: node.at })
    return []
  }
  const used = node.items.flatMap(item => useRoleEntry(item, context) ?? [])
  // before those that their tasks import, whose variables win
  context.play.roles.unshift(...used.flatMap(({ roles }) => roles))
  context.play.roleHandlers.push(...used.flatMap(({ handlers }) => handlers))
  return used.flatMap(({ steps }) => steps)
}

function flushStep(map: MapNode, { session, keywords, directory }: Context): Meta {
  return {
    kind: 'meta',
    id: implicitFlushId(session),
    at: map.at,
    keywords: { ...noKeywords, when: keywords.when, tags: ['always'] },
    directory,
    verb: 'flush_handlers',
  }
}

function readHosts(map: MapNode, { problems }: Session): Written<string> | undefined {
  const node = map.get('hosts')
  if (node === undefined) {
    const hint = 'a play begins with `- hosts: …`; a list of tasks alone is no playbook'
    problems.error('no-hosts', 'this play does not say which hosts it is for', { at: map.at, hint })
    return undefined
  }
  const patterns = texts(node, 'hosts', { problems })
  const [first] = patterns
  if (first === undefined) {
    if (isEmpty(node) || node.kind === 'seq') problems.error('no-hosts', '`hosts` is empty', { at: node.at })
    return undefined
  }
  return { value: patterns.map(pattern => pattern.value).join(':'), at: first.at }
}

/** `user` is the older word for `remote_user`. */
function withUser(map: MapNode, keywords: Keywords, { problems }: Session): Keywords {
  const user = keyword(map, 'user', { type: 'text', problems })
  return user === undefined || keywords.remoteUser ? keywords : { ...keywords, remoteUser: user }
}

const strategies = ['linear', 'free', 'host_pinned', 'debug']

function readStrategy(map: MapNode, { problems }: Session): Written<string> | undefined {
  const strategy = text(map.get('strategy'), 'strategy', problems)
  if (strategy === undefined || holdsTemplate(strategy.value)) return strategy
  const bare = strategy.value.replace(/^ansible\.builtin\./, '')
  if (!strategies.includes(bare)) {
    const hint = didYouMean(bare, strategies) ?? `strategies: ${strategies.join(', ')}`
    problems.error('strategy', `there is no strategy \`${strategy.value}\``, { at: strategy.at, hint })
  }
  return { ...strategy, value: bare }
}

const orders = ['inventory', 'sorted', 'reverse_sorted', 'reverse_inventory', 'shuffle']

function readOrder(map: MapNode, { problems }: Session): Written<string> | undefined {
  const order = text(map.get('order'), 'order', problems)
  if (order !== undefined && !holdsTemplate(order.value) && !orders.includes(order.value)) {
    const hint = didYouMean(order.value, orders) ?? `orders: ${orders.join(', ')}`
    problems.error('order', `there is no order \`${order.value}\``, { at: order.at, hint })
  }
  return order
}

function readSerial(node: SourceNode | undefined, { problems }: Session): Written[] {
  return texts(node, 'serial', { problems }).map(({ value, at }) => {
    if (!/^\d+%?$/.test(value) && !holdsTemplate(value)) {
      problems.error('keyword-type', `\`serial\` must be a number of hosts or a percentage, not \`${value}\``, { at })
    }
    return { value: /^\d+$/.test(value) ? Number(value) : value, at }
  })
}

type VarsFile = Play['varsFiles'][number]
type Vars = Readonly<Record<string, unknown>>

/** The files of variables, and what is in those that are named without templates; these must be there. */
function readVarsFiles(map: MapNode, directory: string, session: Session): { files: VarsFile[]; known: Vars[] } {
  const { problems } = session
  const node = map.get('vars_files')
  const files: VarsFile[] = []
  const known: Vars[] = []
  for (const entry of node === undefined || isEmpty(node) ? [] : node.kind === 'seq' ? node.items : [node]) {
    const names = texts(entry, 'vars_files', { problems }).map(name => name.value)
    const at = entry.kind === 'scalar' ? entry.templateAt : entry.at
    if (names.some(holdsTemplate)) {
      files.push({ value: entry.kind === 'seq' ? names : names.join(''), at })
      continue
    }
    const found = names.flatMap(name => [resolve(directory, 'vars', name), resolve(directory, name)]).find(isVarsFile)
    if (found !== undefined) {
      files.push({ value: found, at })
      known.push(readVars(found, { session })?.value ?? {})
    } else if (names.length > 0) {
      const hint = `looked in ${shownPath(directory)} and in its folder vars`
      problems.error('no-file', `there is no file of variables \`${names.join('`, `')}\``, { at, hint })
    }
  }
  return { files, known }
}

/** `/dev/null` is no regular file, but a common last resort in a list of files. */
function isVarsFile(path: string): boolean {
  return path === '/dev/null' || isFile(path)
}

const promptKeys = ['name', 'prompt', 'private', 'default', 'confirm', 'unsafe', 'encrypt', 'salt', 'salt_size']

function readPrompts(node: SourceNode | undefined, { problems }: Session): VarsPrompt[] {
  if (node === undefined || isEmpty(node)) return []
  const items = node.kind === 'seq' ? node.items : [node]
  return items.flatMap(item => {
    if (item.kind !== 'map') {
      problems.error('keyword-type', '`vars_prompt` must be a list of mappings with `name` and `prompt`', {
        at: item.at,
      })
      return []
    }
    refuseUnknown(item, 'vars_prompt', { known: promptKeys, problems })
    const name = text(item.get('name'), 'name', problems)?.value
    if (name === undefined) {
      problems.error('vars-prompt', 'a prompt needs the `name` of its variable', { at: item.at })
      return []
    }
    const standard = text(item.get('default'), 'default', problems)
    const encrypt = text(item.get('encrypt'), 'encrypt', problems)
    if (encrypt && !hashKinds.some(kind => kind === encrypt.value)) {
      const hint = didYouMean(encrypt.value, hashKinds) ?? `there are ${hashKinds.join(', ')}`
      problems.error('vars-prompt', `\`encrypt\` has no method \`${encrypt.value}\``, { at: encrypt.at, hint })
    }
    const salt = text(item.get('salt'), 'salt', problems)?.value
    const saltSize = keyword(item, 'salt_size', { type: 'int', problems })?.value
    const prompt = text(item.get('prompt'), 'prompt', problems)
    return [
      {
        name,
        prompt: prompt ?? { value: name, at: item.at },
        private: keyword(item, 'private', { type: 'bool', problems })?.value !== false,
        ...(standard === undefined ? {} : { default: standard }),
        confirm: keyword(item, 'confirm', { type: 'bool', problems })?.value === true,
        unsafe: keyword(item, 'unsafe', { type: 'bool', problems })?.value === true,
        ...(encrypt
          ? { encrypt: { kind: encrypt.value, salt, saltSize: saltSize === undefined ? undefined : Number(saltSize) } }
          : {}),
      },
    ]
  })
}

import { basename, dirname, join } from 'node:path'
import type { Position } from '../errors.ts'
import { didYouMean } from '../near.ts'
import { shownPath } from '../source/load.ts'
import { data, keyText, type SourceNode } from '../source/node.ts'
import { findRole, roleFiles, roleFolders, roleNames } from './files.ts'
import { roleKeywords } from './keyword-table.ts'
import { inherit, noKeywords, readKeywords } from './keywords.ts'
import type { Context } from './session.ts'
import { staticName } from './static-names.ts'
import { checkTemplates } from './templates.ts'
import type { Handler, Keywords, Role, Step, Written } from './types.ts'
import { isEmpty, keyword, text, variables, written } from './values.ts'

type Vars = Written<Readonly<Record<string, unknown>>>

/** One use of a role: in `roles:`, as a dependency, by import_role or include_role. */
export interface RoleUse {
  readonly name: string
  readonly at: Position
  /** What its tasks inherit beyond the context. */
  readonly keywords: Keywords
  readonly vars: readonly Vars[]
  readonly params: readonly Vars[]
  /** `tasks_from` and its like: names of files instead of `main`. */
  readonly from: Readonly<Partial<Record<'tasks' | 'vars' | 'defaults' | 'handlers', string>>>
  /** `rolespec_validate`. */
  readonly validate?: boolean
  /** The same use is played once in a play, unless the role allows duplicates. */
  readonly once: boolean
  /** What else tells this use from others. */
  readonly given?: unknown
}

export interface UsedRole {
  readonly role: Role
  /** This role and those it depends on, dependencies first. */
  readonly roles: readonly Role[]
  readonly steps: readonly Step[]
  readonly handlers: readonly Handler[]
}

/** Loads a role where it is used. Undefined when it cannot be found or depends on itself, which is told. */
export function useRole(use: RoleUse, context: Context): UsedRole | undefined {
  const { problems } = context.session
  const path = findRole(use.name, context)
  if (path === undefined) {
    const folders = roleFolders(context).map(shownPath).join(', ')
    problems.error('no-role', `there is no role \`${use.name}\``, {
      at: use.at,
      hint: didYouMean(use.name, roleNames(context)) ?? `looked in ${folders}`,
    })
    return undefined
  }
  const from = (folder: keyof RoleUse['from']) => use.from[folder] ?? 'main'
  const parent = context.role
  const dependencies: Role[] = []
  const meta = readMeta(path, context)
  const useKey = use.once && !meta.allowDuplicates ? keyOf(use, path) : undefined
  const role: Role = {
    name: use.name.split('.').length > 2 && !use.name.includes('/') ? use.name : basename(path),
    path,
    defaults: roleVars(join(path, 'defaults'), from('defaults'), { use, context }),
    vars: roleVars(join(path, 'vars'), from('vars'), { use, context }),
    useVars: use.vars,
    params: [...(parent?.params ?? []), ...use.params],
    dependencies,
    ...(parent ? { parent } : {}),
    ...(useKey === undefined ? {} : { useKey }),
  }
  const inner: Context = { ...context, role, keywords: inherit(context.keywords, use.keywords), notify: [] }
  // its variables count once; its steps stand there each time, as conditions and tags around them may let another use play them
  const isAgain = useKey !== undefined && context.play.seenRoles.has(useKey)
  if (useKey !== undefined) context.play.seenRoles.add(useKey)

  const used = useDependencies(meta.dependencies, inner)
  dependencies.push(...used.map(dependency => dependency.role))
  const own = { steps: [...validation(use, path, inner), ...tasksOf(use, inner)], handlers: handlersOf(use, inner) }
  return {
    role,
    roles: [...used.flatMap(dependency => dependency.roles), ...(isAgain ? [] : [role])],
    steps: [...used.flatMap(dependency => dependency.steps), ...own.steps],
    handlers: [...used.flatMap(dependency => dependency.handlers), ...own.handlers],
  }
}

function keyOf({ vars, params, keywords, from, given }: RoleUse, path: string): string {
  const values = [vars, params].map(list => list.map(each => each.value))
  return JSON.stringify([path, values, keywords.when.map(w => w.value), keywords.tags, from, given])
}

/** Loads an entry of `roles:` or `dependencies:`. */
export function useRoleEntry(node: SourceNode, context: Context): UsedRole | undefined {
  const { problems } = context.session
  if (node.kind !== 'map') {
    const name = text(node, 'role', problems)
    return name && named(name, { keywords: readKeywordsOf(undefined, context), vars: [], params: [] }, context)
  }
  const name = text(isEmpty(node.get('role')) ? node.get('name') : node.get('role'), 'role', problems)
  if (name === undefined) {
    problems.error('no-role', 'a role needs a name', { at: node.at, hint: 'write `- role: name`' })
    return undefined
  }
  const free = node.entries.filter(({ key }) => !Object.hasOwn(roleKeywords, keyText(key)))
  for (const { value } of free) problems.add(checkTemplates(value))
  const params = free.map(({ key, value }) => ({ value: { [keyText(key)]: written(value).value }, at: key.at }))
  const vars = variables(node.get('vars'), 'vars', problems)
  const keywords = readKeywordsOf(node, context)
  return named(name, { keywords, vars: vars ? [vars] : [], params }, context)
}

function readKeywordsOf(node: (SourceNode & { kind: 'map' }) | undefined, { session }: Context): Keywords {
  const { vars: _, ...table } = roleKeywords
  return node ? readKeywords(node, table, session.problems) : noKeywords
}

function named(
  name: Written<string>,
  given: Pick<RoleUse, 'keywords' | 'vars' | 'params'>,
  context: Context,
): UsedRole | undefined {
  const opened = staticName(name.value, name.at, context)
  if (opened === undefined) return undefined
  return useRole({ ...given, name: opened, at: name.at, from: {}, once: true }, context)
}

/** The check of a role's arguments that stands before its tasks, where `meta/argument_specs.yml` speaks of them. */
function validation({ from, validate = true }: RoleUse, path: string, { session, role, keywords }: Context): Step[] {
  const spec = validate ? readArgumentSpec(path, from.tasks ?? 'main', session) : undefined
  if (role === undefined || spec === undefined || !session.modules.find(validator)) return []
  const { short_description: short, options = {}, ...others } = data(spec) as Record<string, unknown> // a map, as was looked
  const rules = Object.fromEntries(Object.entries(others).filter(([name]) => ruleNames.includes(name)))
  const entry = from.tasks ?? 'main'
  return [
    {
      kind: 'task',
      id: session.nextId('task'),
      at: spec.at,
      name: `Validating arguments against arg spec '${entry}'${short ? ` - ${short}` : ''}`,
      module: validator,
      moduleAsWritten: validator,
      args: {
        argument_spec: options,
        ...rules,
        validate_args_context: { type: 'role', name: role.name, path, argument_spec_name: entry },
      },
      argAt: () => spec.at,
      keywords: { ...keywords, tags: [...new Set([...keywords.tags, 'always'])] },
      role,
      directory: join(path, 'tasks'),
      until: [],
      changedWhen: [],
      failedWhen: [],
      notify: [],
    },
  ]
}

const validator = 'validate_argument_spec'
const ruleNames = ['mutually_exclusive', 'required_together', 'required_one_of', 'required_if', 'required_by']

function readArgumentSpec(path: string, entry: string, session: Context['session']): SourceNode | undefined {
  for (const name of ['argument_specs', 'main']) {
    const [file] = roleFiles(join(path, 'meta'), name)
    const node = file === undefined ? undefined : session.read(file)
    const specs = node?.kind === 'map' ? node.get('argument_specs') : undefined
    const spec = specs?.kind === 'map' ? specs.get(entry.replace(/\.(ya?ml|json)$/, '')) : undefined
    if (spec?.kind === 'map') return spec
  }
  return undefined
}

function useDependencies(nodes: readonly SourceNode[], context: Context): UsedRole[] {
  const { problems } = context.session
  return nodes.flatMap(node => {
    const name = node.kind === 'map' ? (node.get('role') ?? node.get('name')) : node
    const path = name?.kind === 'scalar' ? findRole(String(name.value), context) : undefined
    const chain = ancestry(context.role)
    if (path !== undefined && chain.some(role => role.path === path)) {
      const names = [...chain.map(role => role.name).reverse(), basename(path)].join(' → ')
      problems.error('role-cycle', `this role depends on itself: ${names}`, { at: node.at })
      return []
    }
    return useRoleEntry(node, context) ?? []
  })
}

function ancestry(role: Role | undefined): Role[] {
  return role === undefined ? [] : [role, ...ancestry(role.parent)]
}

function tasksOf(use: RoleUse, context: Context): Step[] {
  return listOf('tasks', use, { context, load: (node, inner) => context.session.lists.steps(node, inner) })
}

function handlersOf(use: RoleUse, context: Context): Handler[] {
  return listOf('handlers', use, { context, load: (node, inner) => context.session.lists.handlers(node, inner) })
}

function listOf<T>(
  kind: 'tasks' | 'handlers',
  use: RoleUse,
  { context, load }: { context: Context; load: (node: SourceNode | undefined, inner: Context) => T[] },
): T[] {
  const { session, role } = context
  const folder = join(role?.path ?? '', kind)
  const asked = use.from[kind]
  const [file] = roleFiles(folder, asked ?? 'main')
  if (file === undefined) {
    if (asked !== undefined) {
      session.problems.error('no-file', `role ${use.name} has no file \`${kind}/${asked}\``, { at: use.at })
    }
    return []
  }
  if (context.importing.includes(file)) {
    session.problems.error('import-cycle', `${shownPath(file)} imports itself`, { at: use.at })
    return []
  }
  const importing = [...context.importing, file]
  return load(session.read(file), { ...context, directory: dirname(file), importing })
}

function roleVars(folder: string, name: string, { use, context }: { use: RoleUse; context: Context }): Vars[] {
  const files = roleFiles(folder, name)
  if (files.length === 0 && name !== 'main') {
    const message = `role ${use.name} has no file \`${basename(folder)}/${name}\``
    context.session.problems.error('no-file', message, { at: use.at })
  }
  return files.flatMap(file => readVars(file, context) ?? [])
}

/** The variables of a file; an empty file has none. */
export function readVars(file: string, { session }: Pick<Context, 'session'>): Vars | undefined {
  const node = session.read(file)
  if (node === undefined) return undefined
  if (node.kind !== 'map' && !isEmpty(node)) {
    const message = `${shownPath(file)} must hold a mapping of names to values`
    session.problems.error('not-a-mapping', message, { at: node.at })
    return undefined
  }
  const entries = node.kind === 'map' ? node.entries : []
  return {
    value: Object.fromEntries(entries.map(({ key, value }) => [keyText(key), written(value).value])),
    at: node.at,
  }
}

function readMeta(
  path: string,
  { session }: Context,
): { allowDuplicates: boolean; dependencies: readonly SourceNode[] } {
  const [file] = roleFiles(join(path, 'meta'), 'main')
  const node = file === undefined ? undefined : session.read(file)
  if (node?.kind !== 'map') return { allowDuplicates: false, dependencies: [] }
  const { problems } = session
  const allow = keyword(node, 'allow_duplicates', { type: 'bool', problems })
  const list = node.get('dependencies')
  if (list !== undefined && list.kind !== 'seq' && !isEmpty(list)) {
    problems.error('not-a-list', '`dependencies` must be a list of roles', { at: list.at })
  }
  return { allowDuplicates: allow?.value === true, dependencies: list?.kind === 'seq' ? list.items : [] }
}

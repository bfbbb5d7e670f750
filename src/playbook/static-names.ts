import { MlopsError, type Position } from '../errors.ts'
import { holdsTemplate } from '../schema/check-args.ts'
import { open, type Scope } from '../template/template.ts'
import type { Context } from './session.ts'

/**
 * The name of a file or role as it is known while loading: templates are opened with the variables of the play, its files, the
 * role and `-e`. Undefined (and told) when it needs what is only known while playing.
 */
export function staticName(name: string, at: Position, context: Context): string | undefined {
  if (!holdsTemplate(name)) return name
  const { problems } = context.session
  try {
    return String(open(name, scope(context), { at }))
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error
    problems.error('static-name', `this name must be known before the play begins: ${error.message}`, {
      at,
      hint: 'include_tasks and include_role are opened while playing; imports only know variables of the play, its roles and `-e`',
      cause: error,
    })
    return undefined
  }
}

function scope({ session, play, keywords, role, directory }: Context): Scope {
  const magic: Record<string, unknown> = { playbook_dir: play.directory }
  if (role) Object.assign(magic, { role_path: role.path, role_name: role.name, ansible_role_name: role.name })
  const layers = [
    ...(role?.defaults ?? []).map(layer => layer.value),
    ...play.vars,
    ...(role?.useVars ?? []).map(layer => layer.value),
    ...(role?.vars ?? []).map(layer => layer.value),
    ...keywords.vars.map(layer => layer.value),
    ...(role?.params ?? []).map(layer => layer.value),
    session.extraVars,
    { ...magic, ansible_search_path: [directory] },
  ].reverse()
  return {
    get(name) {
      const layer = layers.find(layer => Object.hasOwn(layer, name))
      return layer === undefined ? undefined : { value: layer[name], open: true }
    },
    names: () => new Set(layers.flatMap(layer => Object.keys(layer))),
  }
}

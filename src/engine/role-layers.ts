import type { Role } from '../playbook/types.ts'
import { type Layer, written } from '../variables/variables.ts'

/** Defaults, vars and parameters of the roles that a step sees: those of the play, then its own role's. */
export function roleLayers(visible: readonly Role[], own: Role | undefined): readonly Layer[] {
  const layers: Layer[] = []
  const seen = new Set<Role>()
  const add = (role: Role, isOwn: boolean) => {
    if (seen.has(role) && !isOwn) return
    seen.add(role)
    for (const dependency of role.dependencies) add(dependency, isOwn)
    layers.push(...role.defaults.map(vars => written('role defaults', `defaults of role ${role.name}`, vars.value)))
    layers.push(...role.useVars.map(vars => written('role vars', `vars of a use of role ${role.name}`, vars.value)))
    layers.push(...role.vars.map(vars => written('role vars', `vars of role ${role.name}`, vars.value)))
  }
  for (const role of visible) add(role, false)
  const chain: Role[] = []
  for (let role = own; role; role = role.parent) chain.unshift(role)
  for (const role of chain) {
    add(role, true)
    layers.push(...role.params.map(vars => written('role params', `parameters of role ${role.name}`, vars.value)))
  }
  return layers
}

/** What a step of a role can ask about it. */
export function roleMagic(role: Role): Record<string, unknown> {
  const parents: string[] = []
  for (let parent = role.parent; parent; parent = parent.parent) parents.push(parent.name)
  return {
    role_name: role.name,
    ansible_role_name: role.name,
    role_path: role.path,
    ...(parents.length > 0 ? { ansible_parent_role_names: parents } : {}),
  }
}

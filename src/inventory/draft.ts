import { MlopsError, type Position } from '../errors.ts'

/** A value that an inventory source gives a variable, and where. The place is worked out when it is asked for. */
export interface Setting {
  readonly value: unknown
  readonly at: () => Position | undefined
}

export type Settings = Map<string, Setting>

/** A group while sources are read. */
export interface DraftGroup {
  readonly name: string
  readonly settings: Settings
  readonly children: Set<string>
  readonly parents: Set<string>
  /** Hosts that are named in this very group. */
  readonly hosts: Set<string>
}

/** A host while sources are read. */
export interface DraftHost {
  readonly name: string
  readonly settings: Settings
  readonly groups: Set<string>
  /** The source that named it first. */
  readonly source: string
}

/** What the sources said so far, in the order in which they said it. Later values win, name by name. */
export class Draft {
  readonly groups = new Map<string, DraftGroup>()
  readonly hosts = new Map<string, DraftHost>()
  readonly errors: MlopsError[] = []
  readonly warnings: string[] = []

  constructor() {
    this.group('all')
    this.group('ungrouped')
  }

  /** The group of that name, made when it is new. */
  group(name: string): DraftGroup {
    const known = this.groups.get(name)
    if (known) return known
    const group = {
      name,
      settings: new Map(),
      children: new Set<string>(),
      parents: new Set<string>(),
      hosts: new Set<string>(),
    }
    this.groups.set(name, group)
    return group
  }

  /** The host of that name, made when it is new, as a member of the group. */
  host(name: string, group: DraftGroup, source: string): DraftHost {
    let host = this.hosts.get(name)
    if (!host) {
      host = { name, settings: new Map(), groups: new Set(), source }
      this.hosts.set(name, host)
    }
    group.hosts.add(name)
    if (group.name !== 'all') host.groups.add(group.name)
    return host
  }

  /** Makes one group a child of another. A loop is an error (`inventory.group-loop`). */
  addChild(parent: DraftGroup, child: DraftGroup, at: Position): void {
    if (parent.name === 'all') {
      parent.children.add(child.name)
      return
    }
    if (child.name === parent.name || this.descendants(child).has(parent.name)) {
      this.error(
        'group-loop',
        `group \`${child.name}\` cannot be below \`${parent.name}\`: it would be below itself`,
        at,
      )
      return
    }
    parent.children.add(child.name)
    child.parents.add(parent.name)
  }

  error(code: string, message: string, at?: Position, hint?: string): void {
    this.errors.push(new MlopsError(`inventory.${code}`, message, { at, hint }))
  }

  private descendants(group: DraftGroup, seen = new Set<string>()): Set<string> {
    for (const name of group.children) {
      if (seen.has(name)) continue
      seen.add(name)
      const child = this.groups.get(name)
      if (child) this.descendants(child, seen)
    }
    return seen
  }
}

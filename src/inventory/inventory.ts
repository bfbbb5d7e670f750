import type { Position } from '../errors.ts'

/** One place that sets variables: a group's section, a host line, a `group_vars` file. */
export interface VarsLayer {
  /** For people: `group all`, `group_vars/web.yml`, `host line`. */
  readonly origin: string
  readonly vars: Readonly<Record<string, unknown>>
  /** Where a name was set, when known. */
  readonly at?: (name: string) => Position | undefined
}

/** A machine to bring to a state, with its variables. */
export interface Host {
  readonly name: string
  /** All groups it is in, parents too, sorted by Ansible's order (depth, then priority, then name); `all` first. */
  readonly groups: readonly string[]
  /** Lowest precedence first: group layers (inventory and group_vars interleaved as Ansible does), then host layers. */
  readonly layers: readonly VarsLayer[]
}

export interface Group {
  readonly name: string
  readonly children: readonly string[]
  /** Hosts of this group and its children, in inventory order. */
  readonly hosts: readonly string[]
  /** Hosts that are named in this very group. */
  readonly ownHosts: readonly string[]
  /** Variables of the group itself, lowest precedence first. Reads its files when called. */
  readonly layers: () => readonly VarsLayer[]
}

export interface Inventory {
  /** In inventory order. */
  readonly hosts: ReadonlyMap<string, Host>
  /** `all` and `ungrouped` included. */
  readonly groups: ReadonlyMap<string, Group>
  /** Files it came from. */
  readonly sources: readonly string[]
  /** What `group_vars` has for a group, one that comes while playing too. */
  readonly groupFiles?: (group: string) => readonly VarsLayer[]
  readonly warnings: readonly string[]
  /** The implicit `localhost`: there when it is named and no source names it. In no group, not part of `all`. */
  readonly localhost: Host
  /** The same with `group_vars` and `host_vars` of another playbook's folder. Throws what is wrong in them. */
  readonly beside?: (playbookDirectory: string) => Inventory
}

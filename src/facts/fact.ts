import type { ScriptResult } from '../connection/connection.ts'
import type { Script } from '../shell/sh.ts'

/** Something known about a host, read by looking. All facts of a play go in one frame. */
export interface Fact {
  /** Ansible's subset name: `min`, `network`, `hardware`, `virtual`, … */
  readonly subset: string
  /** Ansible's narrower names that select it too (`distribution`, `mounts`, …). */
  readonly topics?: readonly string[]
  readonly look: Script
  /** Names without the `ansible_` prefix. Leaves out what the host does not tell. */
  read(output: ScriptResult): Readonly<Record<string, unknown>>
}

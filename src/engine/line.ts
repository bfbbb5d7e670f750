import type { Become, Connection, OpenConnection } from '../connection/connection.ts'
import { ConnectionError } from '../connection/connection.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { hostOf } from '../inventory/pattern.ts'
import { Connections } from './connections.ts'
import { NameSpace } from './context.ts'
import type { RunOptions } from './engine.ts'
import { HostState } from './host-state.ts'

/** An open line to a host of the inventory, with its own variables, for work outside of a play. */
export interface Line {
  readonly connection: Connection
  readonly address: string
  /** Root on the host. */
  readonly root: Become | undefined
  close(): Promise<void>
}

/** Opens a line to a host as a play would. Rejects with `ConnectionError`. */
export async function openLine(
  name: string,
  {
    inventory,
    options,
    open,
    signal,
  }: { inventory: Inventory; options: RunOptions; open: OpenConnection; signal?: AbortSignal | undefined },
): Promise<Line> {
  const host = hostOf(inventory, name)
  if (host === undefined)
    throw new ConnectionError('unreachable', `${name} is not in the inventory`, {
      hint: 'mlops provision makes it and writes the inventory',
    })
  const state = new HostState(host)
  const names = new NameSpace({
    playbookDirectory: process.cwd(),
    options,
    states: new Map([[name, state]]),
    inventory,
  }).names(state)
  const connections = new Connections(open, { ...options, become: { ...options.become, enabled: true } }, signal)
  const { reader } = names
  const target = connections.target(name, reader)
  return {
    connection: await connections.to(name, reader),
    address: target.address,
    root: connections.become(target, reader),
    close: () => connections.close(),
  }
}

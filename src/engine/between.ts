import { resolve } from 'node:path'
import { type Line, ModuleFailure } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import type { HostState } from './host-state.ts'
import { find, searchFolders } from './local-files.ts'
import type { OpenedTask } from './opened-task.ts'
import type { PlayWorld, Turn } from './world.ts'

/**
 * For a module that works between two hosts: its script runs on the controller, or where the task is delegated to, without
 * `become`, which counts for the other side. Any other task stays as it is.
 */
export async function between(turn: Turn, on: HostState, opened: OpenedTask): Promise<OpenedTask> {
  if (opened.module.kind !== 'action' || !opened.module.between) return opened
  const { world, task, names, assignment } = turn
  const { state } = assignment
  const own = world.connections.target(state.name, names.reader)
  const delegated = task.keywords.delegateTo !== undefined
  const same = own.type === 'local' ? !delegated || opened.target.type === 'local' : delegated && on === state
  const fromController = !delegated || opened.target.type === 'local'
  const become = world.connections.become(own, names.reader)
  const line: Line = {
    type: same || own.type === 'local' ? 'same' : own.type,
    fromController: fromController && !same,
    address: own.address,
    port: own.port,
    user: own.user,
    password: await own.password?.(),
    privateKeyFile: own.privateKeyFile,
    knownHostsFiles: own.knownHostsFiles ?? [],
    sshArgs: own.sshArgs ?? [],
    hostKeyChecking: own.hostKeyChecking,
    become: become && { method: become.method, user: become.user },
    local: path => localPath(world, task, path),
  }
  if (own.type === 'local' && !same)
    throw new ModuleFailure(`${on.name} cannot reach ${state.name}, which is the controller itself`)
  if (line.password !== undefined) world.secrets.add(line.password)
  return {
    ...opened,
    inputs: { ...opened.inputs, line },
    // on one host there is no other side to become somebody on
    become: same ? opened.become : undefined,
    connect: fromController && !same ? () => world.connections.to('localhost', onController) : opened.connect,
  }
}

const onController = {
  variable: (name: string) => (name === 'ansible_connection' ? 'local' : undefined),
  keyword: () => undefined,
}

/** Kept as it is: what is absolute, in a home folder, or names a host (`host:path`, `rsync://`). */
function localPath(world: PlayWorld, task: Task, path: string): string {
  if (/^[/~]/.test(path) || path.includes(':')) return path
  const end = path.endsWith('/') ? '/' : ''
  try {
    return `${find(path, searchFolders(task, world.play, 'files')).replace(/\/$/, '')}${end}`
  } catch (error) {
    // what does not exist yet is made beside the playbook
    if (error instanceof ModuleFailure) return `${resolve(world.play.directory, path)}${end}`
    throw error
  }
}

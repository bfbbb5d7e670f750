import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { localConnection } from '../connection/local.ts'
import { perform, type StepResult } from '../engine/perform.ts'
import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { coerceArgs } from '../schema/coerce.ts'
import type { Module } from './module.ts'
import { tmp } from './step.ts'

export interface Apart {
  /** The folder that is /etc there. */
  readonly etc: string
  attempt(
    module: Module,
    args: Readonly<Record<string, unknown>>,
    options?: { readonly check?: boolean },
  ): Promise<StepResult>
}

/** This machine with a network and an /etc of its own, a copy of the real one, for modules whose paths are fixed. Needs root. */
export async function apart(shell: 'dash' | 'busybox' = 'dash'): Promise<Apart> {
  const folder = tmp()
  const etc = join(folder, 'etc')
  execFileSync('cp', ['-a', '/etc', etc])
  const room = spawn(
    'unshare',
    ['-m', '-n', 'sh', '-c', 'mount --bind "$1" /etc && echo ready && exec cat', 'sh', etc],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  onTestFinished(async () => {
    const ended = once(room, 'exit')
    room.stdin.end()
    await ended
  })
  await once(room.stdout, 'data')
  const applets = join(folder, 'bin')
  mkdirSync(applets)
  if (shell === 'busybox') execFileSync('busybox', ['--install', '-s', applets])
  const inside = join(folder, 'shell')
  const run = shell === 'busybox' ? join(applets, 'sh') : '/usr/bin/dash'
  writeFileSync(inside, `#!/usr/bin/dash\nexec /usr/bin/nsenter -t ${room.pid} -m -n '${run}' "$@"\n`)
  chmodSync(inside, 0o755)
  const connection = localConnection({ shell: inside, path: `${applets}:${process.env['PATH']}` })
  onTestFinished(() => connection.close())
  return {
    etc,
    attempt(module, raw, { check = false } = {}) {
      if (module.kind === 'controller') throw new Error('it does not run on a host')
      const { args, problems } = coerceArgs(module.args, raw)
      if (problems.length > 0) throw new Error(problems.join('; '))
      // coerceArgs has given the arguments the types of the module's own table
      const typed = args as ArgsOf<ArgTable>
      const host = { name: 'testhost', address: '127.0.0.1', connection: 'local' }
      const inputs = { checkMode: check, diffMode: true, facts: {}, host }
      return perform(module, typed, inputs, connection, { checkMode: check, diffMode: true })
    },
  }
}

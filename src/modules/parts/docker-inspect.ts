import type { ScriptResult } from '../../connection/connection.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import { ModuleFailure } from '../module.ts'
import { dockerReady } from './docker.ts'

/** Prints what the engine knows of these things, one JSON value a line; of those that are not there, nothing. */
export function inspectScript(
  engine: Parameters<typeof dockerReady>[0],
  kind: 'container' | 'image' | 'network' | 'volume',
  names: readonly string[],
): Script {
  return lines(
    dockerReady(engine),
    ...names.map(name => sh`docker ${kind} inspect --format '{{json .}}' -- ${name} 2>/dev/null`),
    sh`:`,
  )
}

/** What the engine told. Throws `ModuleFailure` when there is none. */
export function inspected({ status, stdout, stderr }: ScriptResult): readonly unknown[] {
  if (status !== 0) {
    const message = stderr.trim().split('\n').at(-1) || 'the engine of this host does not answer'
    throw new ModuleFailure(message, { rc: status, stderr })
  }
  return stdout
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line))
}

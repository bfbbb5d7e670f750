import type { Line } from '../engine/line.ts'
import { script, sh } from '../shell/sh.ts'
import { projectLabel } from './blueprint.ts'
import { run } from './look.ts'

/** Removes a stack with its secrets and configs, and returns when its last container has ended. */
export async function removeStack(manager: Line, project: string): Promise<void> {
  await run(manager, sh`docker stack rm -- ${project} 2>&1`, 'the manager')
  for (const kind of ['secret', 'config']) {
    const list = sh`docker ${kind} ls --quiet --filter ${`label=${projectLabel}=${project}`}`
    await run(manager, sh`${list} | xargs -r docker ${kind} rm >/dev/null`, 'the manager')
  }
}

/** Whether a server has no container of a stack any more. */
export async function isEmptied(line: Line, project: string, server: string): Promise<boolean> {
  const list = sh`docker ps --all --quiet --filter ${`label=com.docker.stack.namespace=${project}`}`
  return (await run(line, list, server)).trim() === ''
}

/** Removes the broker's data where it lies. */
export async function removeData(line: Line, project: string, server: string): Promise<void> {
  await run(line, sh`docker volume rm -- ${`${project}_rabbit`} >/dev/null 2>&1 || :`, server)
}

/** How many services of others a swarm runs. */
export async function otherServices(manager: Line, project: string): Promise<number> {
  const names = await run(manager, script("docker service ls --format '{{.Name}}'"), 'the manager')
  return names.split('\n').filter(name => name !== '' && !name.startsWith(`${project}_`)).length
}

/** Takes a server out of its swarm, whatever becomes of that. */
export async function leave(line: Line, server: string): Promise<void> {
  await run(line, script('docker swarm leave --force >/dev/null 2>&1 || :'), server)
}

import type { Line } from '../engine/line.ts'
import { script, sh } from '../shell/sh.ts'
import { projectLabel } from './blueprint.ts'
import { run } from './look.ts'

/** Tells the swarm to remove the services of a stack, and returns before their containers have ended. */
export async function removeServices(manager: Line, project: string): Promise<void> {
  // Again after an interruption, the network is on its way out already. What else Docker refuses may pass: tasks of services
  // that have just gone hold the network for a moment.
  const remove = sh`i=0
until said=$(docker stack rm -- ${project} 2>&1); do
  bad=$(printf '%s\n' "$said" | grep -v -e '^Removing ' -e 'network .* not found' -e '^Failed to remove some resources')
  [ -n "$bad" ] || break
  i=$((i + 1))
  [ "$i" -lt 10 ] || { printf '%s\n' "$bad" >&2; exit 1; }
  sleep 1
done`
  await run(manager, remove, 'the manager')
}

/** Removes what only services that are gone had: secrets and configs. The secrets fit the broker's data, which has to go first. */
export async function removeSettings(manager: Line, project: string): Promise<void> {
  for (const kind of ['secret', 'config']) {
    const list = sh`docker ${kind} ls --quiet --filter ${`label=${projectLabel}=${project}`}`
    await run(manager, sh`${list} | xargs -r docker ${kind} rm >/dev/null`, 'the manager')
  }
}

/** How many containers of a stack a server still has. */
export async function containersOn(line: Line, project: string, server: string): Promise<number> {
  const list = sh`docker ps --all --quiet --filter ${`label=com.docker.stack.namespace=${project}`}`
  return (await run(line, list, server)).split('\n').filter(id => id !== '').length
}

/** Removes the broker's data where it lies, when the container that has it has ended. Throws when that takes half a minute. */
export async function removeData(line: Line, project: string, server: string): Promise<void> {
  const volume = `${project}_rabbit`
  const remove = sh`i=0
while docker volume inspect -- ${volume} >/dev/null 2>&1 && ! said=$(docker volume rm -- ${volume} 2>&1); do
  i=$((i + 1))
  [ "$i" -lt 30 ] || { printf '%s\n' "$said" >&2; exit 1; }
  sleep 1
done`
  await run(line, remove, server)
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

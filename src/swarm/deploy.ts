import { setTimeout as wait } from 'node:timers/promises'
import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import { script, sh } from '../shell/sh.ts'
import { type Blueprint, digestLabel, projectLabel } from './blueprint.ts'
import { partOf, run, type SwarmLook } from './look.ts'
import { digestOf, type StackFile, secretNames, stackText } from './stack.ts'

/** What differs between what runs and what is asked for. */
export interface Difference {
  /** Services that are new, or asked for otherwise than they are. */
  readonly services: readonly string[]
  /** Services that the stack has no more. */
  readonly gone: readonly string[]
  /** Services that have another number of copies: the wanted one. */
  readonly numbers: Readonly<Record<string, number>>
}

/** Compares a stack with what runs. */
export function compare(stack: StackFile, { services }: SwarmLook, project: string): Difference {
  const running = new Map(services.map(service => [partOf(service, project), service]))
  const names = Object.keys(stack.services)
  const numbers: Record<string, number> = {}
  const differing = Object.entries(stack.services).filter(([name, service]) => {
    const live = running.get(name)
    const replicas = live?.Spec.Mode.Replicated?.Replicas
    if (live !== undefined && service.deploy.replicas !== undefined && service.deploy.replicas !== replicas)
      numbers[name] = service.deploy.replicas
    return live?.Spec.Labels?.[digestLabel] !== digestOf(service)
  })
  return {
    services: differing.map(([name]) => name),
    gone: [...running.keys()].filter(name => !names.includes(name)),
    numbers,
  }
}

/** Whether there is nothing to do. */
export function isSame({ services, gone, numbers }: Difference): boolean {
  return services.length === 0 && gone.length === 0 && Object.keys(numbers).length === 0
}

/**
 * Brings what a stack needs into the swarm: the broker's account, made there, and the models. `forgetBroker` is called before an
 * account is made: data of another one would keep it out. An interruption is thrown between them.
 */
export async function bringAlong(
  manager: Line,
  blueprint: Blueprint,
  {
    onMade,
    forgetBroker,
    signal,
  }: {
    readonly onMade: (what: string) => void
    readonly forgetBroker: () => Promise<void>
    readonly signal: AbortSignal
  },
): Promise<void> {
  if (!(await hasAccount(manager, blueprint.project))) {
    await forgetBroker()
    await makeAccount(manager, blueprint.project)
    onMade('an account of the broker')
  }
  const there = await configsOf(manager, blueprint.project)
  for (const { name, files } of blueprint.models) {
    signal.throwIfAborted()
    const missing = files.filter(file => !there.includes(file.config))
    for (const { config, content } of missing) await makeConfig(manager, blueprint.project, config, content)
    if (missing.length > 0) onMade(`model ${name}`)
  }
}

/** Deploys a stack with the numbers of copies that it names, and returns before it runs. */
export async function deploy(manager: Line, project: string, stack: StackFile): Promise<void> {
  // a name that an engine cannot ask a registry for is left as it is
  const resolve = stack.services['web']?.image.startsWith('localhost/') ? 'never' : 'changed'
  const options = ['--prune', '--with-registry-auth', '--resolve-image', resolve, '--compose-file', '-']
  const deployment = sh`docker stack deploy ${options} -- ${project} 2>&1`
  // a network that is on its way out is listed until it is gone
  for (let tries = 4; ; tries--) {
    try {
      await run(manager, deployment, 'the manager', stackText(stack))
      return
    } catch (error) {
      if (tries === 0 || !(error instanceof MlopsError) || !/network \S+ not found/.test(error.message)) throw error
      await wait(1000)
    }
  }
}

/** The digests of the services of a stack. */
export function digestsOf(stack: StackFile): ReadonlyMap<string, string> {
  return new Map(Object.entries(stack.services).map(([name, service]) => [name, digestOf(service)]))
}

/** Whether the network of the containers is there, and encrypted. */
export async function isEncrypted(manager: Line, project: string): Promise<boolean | undefined> {
  const look = sh`docker network inspect --format '{{json .Options}}' -- ${`${project}_default`} 2>/dev/null || :`
  const said = (await run(manager, look, 'the manager')).trim()
  return said === '' ? undefined : said.includes('"encrypted"')
}

/** Changes numbers of copies, and returns before these run. */
export async function scale(manager: Line, project: string, numbers: Readonly<Record<string, number>>): Promise<void> {
  const words = Object.entries(numbers).map(([name, replicas]) => `${project}_${name}=${replicas}`)
  if (words.length > 0) await run(manager, sh`docker service scale --detach ${words}`, 'the manager')
}

/** The names of the configs that belong to a project. */
export async function configsOf(manager: Line, project: string): Promise<string[]> {
  const list = sh`docker config ls --filter ${`label=${projectLabel}=${project}`} --format '{{.Name}}'`
  return (await run(manager, list, 'the manager')).split('\n').filter(name => name !== '')
}

/** Makes a config with this content. It goes by a file of root's, since what a script reads is text. */
export async function makeConfig(manager: Line, project: string, name: string, content: Uint8Array): Promise<void> {
  const file = (await run(manager, script('umask 077 && mktemp'), 'the manager')).trim()
  await manager.connection.put([{ to: file, mode: 0o600, content }], manager.root)
  const make = sh`docker config create --label ${`${projectLabel}=${project}`} -- ${name} ${file} >/dev/null`
  await run(manager, sh`${make}; status=$?; rm -f -- ${file}; exit $status`, 'the manager')
}

/** Whether the swarm has the broker's account, both halves of it. */
async function hasAccount(manager: Line, project: string): Promise<boolean> {
  const list = sh`docker secret ls --filter ${`label=${projectLabel}=${project}`} --format '{{.Name}}'`
  const names = (await run(manager, list, 'the manager')).split('\n')
  return Object.values(secretNames(project)).every(name => names.includes(name))
}

/** The broker's one account: its password is made on the manager, kept by the swarm, and shown to nobody. */
async function makeAccount(manager: Line, project: string): Promise<void> {
  const { account, url } = secretNames(project)
  const label = `${projectLabel}=${project}`
  const make = sh`
there=$(docker secret ls --quiet --filter ${`label=${label}`}) || exit
for id in $there; do docker secret rm "$id" >/dev/null || exit; done
password=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')
printf 'default_user = predictor\ndefault_pass = %s\n' "$password" | docker secret create --label ${label} ${account} - >/dev/null || exit
printf 'amqp://predictor:%s@rabbit:5672/\n' "$password" | docker secret create --label ${label} ${url} - >/dev/null`
  await run(manager, make, 'the manager')
}

import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure, type Plain, type Result } from './module.ts'
import { type ContainerArgs, containerArgs } from './parts/container-args.ts'
import { compare, comparison, comparisonProblems, pullPolicy, updateWords } from './parts/container-compare.ts'
import { compareNetworks, networkSteps } from './parts/container-networks.ts'
import { type ContainerSteps, containerSteps } from './parts/container-steps.ts'
import { imageName, texts } from './parts/container-values.ts'
import { dockerReady, engineAnswers, runDocker } from './parts/docker.ts'
import { dig, firstOf, recordAt, textAt } from './parts/json-path.ts'

/** Settings by their names, and what stands beside them; `found` is what the engine shows, never compared. */
type ContainerState = { readonly [setting: string]: Plain | undefined }

export const dockerContainer = defineState({
  summary: 'Makes, starts, stops and removes containers.',
  details:
    'A container that differs in what is asked for is made anew; settings that are not given are not compared. Sets and mappings (volumes, ports, environment, labels …) may have more than is asked for, unless `comparisons` says `strict`. Limits of CPU and memory, the restart policy and networks are changed without a new container. A new container is made before the old one is removed, so that one that cannot be made leaves the old one as it is. Short-lived containers are not failures: what runs is not looked at again.',
  args: containerArgs,
  examples: `
- name: Run a message broker
  community.docker.docker_container:
    name: broker
    image: rabbitmq:3-management
    restart_policy: unless-stopped
    published_ports: ["127.0.0.1:5672:5672"]
    env:
      RABBITMQ_DEFAULT_USER: predictor
    volumes: ["broker:/var/lib/rabbitmq"]
- docker_container:
    name: worker
    image: predictor:7
    command: [node, worker.js]
    networks:
      - name: backend
        aliases: [work]
    healthcheck: { test: "wget -q -O /dev/null http://localhost/health", interval: 10s }
    state: healthy
- docker_container:
    name: old
    state: absent
`,
  returnDocs: {
    container: 'What the engine tells of the container; empty when it is gone.',
    actions: 'What was done, in words.',
    status: 'Exit status of the container, with `detach: false`.',
  },
  check(args) {
    const problems = comparisonProblems(args.comparisons)
    if (args.network_mode?.startsWith('container:') && (args.networks ?? []).length > 0) {
      problems.push('`networks` and a `network_mode` of another container exclude each other')
    }
    for (const network of args.networks ?? []) {
      if (!network.name) problems.push('each of `networks` needs a `name`')
    }
    if (args.cleanup && args.detach !== false) problems.push('`cleanup` is for `detach: false`')
    return problems
  },
  look(args) {
    const other = args.network_mode?.startsWith('container:') ? args.network_mode.slice('container:'.length) : undefined
    return lines(
      dockerReady(args),
      section('container'),
      sh`docker container inspect -- ${args.name} 2>/dev/null`,
      args.state !== 'absent' &&
        lines(
          args.image !== undefined &&
            lines(
              section('image'),
              sh`docker image inspect --format '{{.Id}}' -- ${reference(args.image)} 2>/dev/null`,
            ),
          section('its image'),
          sh`docker image inspect -- "$(docker container inspect --format '{{.Image}}' -- ${args.name} 2>/dev/null)" 2>/dev/null`,
          other !== undefined &&
            lines(
              section('network container'),
              sh`docker container inspect --format '{{.Id}}' -- ${other} 2>/dev/null`,
            ),
          args.env_file !== undefined && lines(section('env file'), sh`cat -- ${args.env_file} || exit 1`),
        ),
      sh`:`,
    )
  },
  read(output, args, { checkMode }): ContainerState | undefined {
    if (!engineAnswers(output, checkMode)) return undefined
    const parts = sections(output.stdout)
    const container = firstOf(parts.get('container'))
    const seen = {
      image: parts.get('image')?.trim() ?? '',
      envFile: parts.get('env file') ?? '',
      networkContainer: parts.get('network container')?.trim() ?? '',
    }
    if (container === undefined) return args.state === 'absent' ? undefined : { exists: false, seen }
    const settings: Record<string, Plain> = {}
    const wanted: Record<string, Plain> = {}
    if (args.state !== 'absent') {
      const subject = { ...seen, container, image: firstOf(parts.get('its image')) }
      for (const [name, { is, want }] of compare(args, subject)) {
        settings[name] = is
        wanted[name] = want
      }
      if (args.networks !== undefined && comparison(args, 'networks', { kind: 'set' }) !== 'ignore') {
        const networks = compareNetworks(args, container, comparison(args, 'networks', { kind: 'set' }) === 'strict')
        settings.networks = networks.is
        wanted.networks = networks.want
      }
    }
    return {
      ...settings,
      exists: true,
      image: textAt(container, 'Image'),
      running: dig(container, 'State.Running') === true,
      paused: dig(container, 'State.Paused') === true,
      health: textAt(container, 'State.Health.Status'),
      seen,
      wanted,
      found: container as Plain, // JSON of the engine
    }
  },
  want(args, state, { checkMode }): Partial<ContainerState> | undefined {
    if (args.state === 'absent') return undefined
    if (state?.exists !== true) {
      if (args.image === undefined)
        throw new ModuleFailure(`there is no container ${args.name}, and no \`image\` to make it from`)
      if (pullPolicy(args) === 'never' && state !== undefined && textAt(state.seen, 'image') === '') {
        throw new ModuleFailure(`Cannot find image with name ${reference(args.image)}`)
      }
      return { exists: true, ...running(args, undefined) }
    }
    const wanted = dig(state, 'wanted')
    return {
      ...(typeof wanted === 'object' ? (wanted as ContainerState) : {}), // what `read` put there
      ...image(
        args,
        state,
        pullPolicy(args) === 'always' && !(checkMode && args.pull_check_mode_behavior === 'image_not_present'),
      ),
      ...running(args, state),
      ...(args.recreate ? { recreated: true } : {}),
    }
  },
  change(args, { from, to }) {
    const steps = containerSteps(args, to === undefined ? { remove: true } : stepsFor(args, from, to))
    const after = sh`docker container inspect -- ${args.name} 2>/dev/null || :`
    return { script: lines(dockerReady(args), runDocker, steps, section('after'), after) }
  },
  // A container may have ended by itself by now.
  verify: false,
  diff(_, { from, to }) {
    if (to === undefined) return { before: 'exists: true\n', after: 'exists: false\n' }
    const keys = Object.keys(to).filter(key => JSON.stringify(from?.[key]) !== JSON.stringify(to[key]))
    const text = (state: Partial<ContainerState> | undefined) =>
      keys.map(key => `${key}: ${JSON.stringify(state?.[key] ?? null)}\n`).join('')
    return { before: text(from), after: text(to) }
  },
  returns: (args, { from, changed, output }) => result(args, { from, changed, said: output?.stdout }),
})

/** The id of the image, where a newer one, or one of another name, shall be followed. */
function image(args: ContainerArgs, state: ContainerState, pulling: boolean): Partial<ContainerState> {
  if (args.image === undefined || comparison(args, 'image', { kind: 'value' }) === 'ignore') return {}
  const has = textAt(state.found, 'Config.Image')
  const sameName = imageName(has) === imageName(args.image) || has.startsWith('sha256:')
  const now = textAt(state.seen, 'image')
  const pulls = pulling ? { pulled: true } : {}
  if (args.image_comparison === 'current-image' && sameName) return {}
  if (now === '') return sameName && pullPolicy(args) === 'never' ? {} : { image: 'pulled first', ...pulls }
  if (now !== state.image) return { image: now, ...pulls }
  return args.image_name_mismatch === 'recreate' && !sameName ? { renamed: true, ...pulls } : pulls
}

function running(
  { state: wanted, paused, restart }: ContainerArgs,
  state: ContainerState | undefined,
): Partial<ContainerState> {
  if (wanted === 'stopped') return { running: false }
  if (wanted === 'present') return paused === undefined || state?.running !== true ? {} : { paused }
  return {
    running: true,
    ...(paused === undefined ? {} : { paused }),
    ...(wanted === 'healthy' ? { health: 'healthy' } : {}),
    ...(restart && state?.running === true ? { restarted: true } : {}),
  }
}

/** What has to be done, from what differs. */
function stepsFor(args: ContainerArgs, from: ContainerState | undefined, to: Partial<ContainerState>): ContainerSteps {
  const exists = from?.exists === true
  const differing = Object.keys(to).filter(
    key => !notSettings.has(key) && JSON.stringify(sorted(from?.[key])) !== JSON.stringify(sorted(to[key])),
  )
  const settings = differing.filter(key => key !== 'networks')
  const update = exists && settings.length > 0 ? updateWords(args, settings) : undefined
  const networks = { is: textsAt(from, 'networks'), want: textsAt(to, 'networks') }
  return {
    exists,
    isRunning: from?.running === true,
    isPaused: from?.paused === true,
    create: !exists || (settings.length > 0 && update === undefined),
    pull: args.image === undefined ? 'never' : pullPolicy(args),
    followsImage: to.pulled === true ? String(from?.image) : undefined,
    update,
    networks: differing.includes('networks') ? networkSteps(args, args.name, networks) : undefined,
    running: typeof to.running === 'boolean' ? to.running : undefined,
    paused: typeof to.paused === 'boolean' ? to.paused : undefined,
    restart: to.restarted === true,
    seen: { envFile: textAt(from, 'seen.envFile'), networkContainer: '' },
  }
}

/** Keys of the state that are brought about without another container. */
const notSettings = new Set(['exists', 'running', 'paused', 'health', 'pulled', 'restarted'])

function textsAt(state: unknown, key: string): Record<string, string> {
  return texts(recordAt(state, key))
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value ?? null
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The name with a tag, as docker would add it. */
function reference(name: string): string {
  return name.includes('@') ||
    /^(?:sha256:)?[0-9a-f]{64}$/.test(name) ||
    name.slice(name.lastIndexOf('/') + 1).includes(':')
    ? name
    : `${name}:latest`
}

function result(
  args: ContainerArgs,
  { from, changed, said }: { from: ContainerState | undefined; changed: boolean; said: string | undefined },
): Result {
  if (said === undefined) {
    return { container: args.state === 'absent' ? {} : (from?.found ?? {}), actions: [] }
  }
  const parts = sections(said)
  const actions = (parts.get('actions') ?? '').split('\n').filter(line => line !== '')
  const status = parts.get('status')?.trim()
  const container = firstOf(parts.get('after')) ?? {}
  return {
    ...(changed && actions.length === 0 ? { changed: false } : {}),
    ...(status === undefined ? {} : { status: Number(status) }),
    container: status === undefined ? container : { ...container, Output: parts.get('output') ?? '' },
    actions,
  }
}

import { section } from '../../shell/sections.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import type { ContainerArgs } from './container-args.ts'
import { createWords } from './container-compare.ts'
import { connectLater, firstNetworkWords } from './container-networks.ts'
import type { SeenFiles } from './container-setting.ts'
import { environment, runs } from './container-settings.ts'

/** What is to be done with a container, in this order. */
export type ContainerSteps =
  | { readonly remove: true }
  | {
      readonly remove?: never
      readonly pull: 'always' | 'missing' | 'never'
      readonly create: boolean
      /** There is a container of that name. */
      readonly exists: boolean
      readonly isRunning: boolean
      readonly isPaused: boolean
      /** The image's id: when pulling brings another one, the container is made anew. */
      readonly followsImage?: string | undefined
      /** Words of `docker update`. */
      readonly update?: readonly string[] | undefined
      readonly networks?: Script | undefined
      readonly restart: boolean
      readonly running?: boolean | undefined
      readonly paused?: boolean | undefined
      readonly seen: SeenFiles
    }

/**
 * The script of these steps; needs `runDocker`. It prints what it did in the section `actions`, and for a container that is
 * waited for its output and exit status in `output` and `status`.
 */
export function containerSteps(args: ContainerArgs, steps: ContainerSteps): Script {
  const done = lines(section('actions'), sh`printf '%s' "$did"`)
  if (steps.remove) return lines(noting, remove(args, args.name), note('Removed container', args.name), done)
  const { name, image = '' } = args
  const make = makeContainer(args, steps)
  return lines(
    noting,
    pulled(steps.pull, image),
    sh`again=${steps.create ? 'yes' : ''} starts=${starts(args, steps) ? 'yes' : ''}`,
    steps.followsImage !== undefined &&
      sh`[ "$(docker image inspect --format '{{.Id}}' -- ${image})" = ${steps.followsImage} ] || again=yes`,
    sh`if [ -n "$again" ]; then
${make}
${steps.running === true ? sh`starts=yes` : sh`:`}
else
${lines(
  steps.update && lines(sh`run docker update ${steps.update} -- ${name}`, note('Updated container', name)),
  steps.networks && lines(steps.networks, note('Connected networks of container', name)),
  steps.isPaused &&
    (steps.paused === false || steps.running === false || steps.restart) &&
    lines(sh`run docker unpause -- ${name}`, note('Unpaused container', name)),
  steps.running === false && steps.isRunning && lines(stop(args, name), note('Stopped container', name)),
  steps.restart && lines(sh`run docker restart ${patience(args)} -- ${name}`, note('Restarted container', name)),
  sh`:`,
)}
fi`,
    sh`if [ -n "$starts" ]; then
${start(args)}
fi`,
    steps.paused === true &&
      sh`if [ "$(docker container inspect --format '{{.State.Paused}}' -- ${name})" = false ]; then
run docker pause -- ${name}
${note('Paused container', name)}
fi`,
    args.state === 'healthy' && waitForHealth(args),
    done,
  )
}

const noting = sh`did=
note() {
  did="$did$1
"
}`

function note(what: string, name: string): Script {
  return sh`note ${`${what} ${name}`}`
}

function starts(args: ContainerArgs, { running, isRunning }: { running?: boolean | undefined; isRunning: boolean }) {
  return running === true && !isRunning && args.state !== 'present'
}

function pulled(how: 'always' | 'missing' | 'never', image: string): Script {
  if (how === 'never') return sh`:`
  const id = sh`docker image inspect --format '{{.Id}}' -- ${image} 2>/dev/null`
  return sh`before=$(${id}) || :
${how === 'always' ? sh`` : sh`[ -n "$before" ] ||`} run docker pull -- ${image}
[ "$before" = "$(${id})" ] || ${note('Pulled image', image)}`
}

/** A new container gets a name of its own until it is known that it can be made; then it takes the old one's place. */
function makeContainer(args: ContainerArgs, { exists, seen }: { exists: boolean; seen: SeenFiles }): Script {
  const { name } = args
  if (!exists) return lines(create(args, name, seen), connectLater(args, name), note('Created container', name))
  const next = `${name}.next`
  return lines(
    sh`next=${next}
docker rm --force -- "$next" >/dev/null 2>&1
drop() { rm -f -- "$said" "$said.status"; }
trap 'drop; docker rm --force -- "$next" >/dev/null 2>&1' EXIT`,
    create(args, next, seen),
    connectLater(args, next),
    remove(args, name),
    sh`run docker rename -- ${next} ${name}
trap drop EXIT`,
    note('Created anew container', name),
  )
}

function create(args: ContainerArgs, name: string, seen: SeenFiles): Script {
  const variables = Object.entries(environment(args, seen))
  const short = variables.filter(([, value]) => !/[\n\r]/.test(value))
  const long = variables.filter(([, value]) => /[\n\r]/.test(value))
  // Lines of an environment file cannot hold line breaks: docker takes such values from its own environment.
  const exported = long.filter(([key]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(key))
  const words = [
    ...createWords(args),
    ...firstNetworkWords(args),
    ...(args.platform === undefined ? [] : ['--platform', args.platform]),
    ...(args.stop_timeout === undefined ? [] : ['--stop-timeout', String(args.stop_timeout)]),
    ...long.flatMap(([key, value]) => ['--env', exported.some(([other]) => other === key) ? key : `${key}=${value}`]),
  ]
  const environmentLines = short.map(([key, value]) => `${key}=${value}`)
  const before = lines(...exported.map(([key, value]) => sh`export ${key}=${value}`))
  const [, ...behindEntrypoint] = runs(args)
  const command = args.entrypoint === undefined ? runs(args) : behindEntrypoint
  const made = sh`run docker create --name ${name} ${words}`
  return environmentLines.length === 0
    ? sh`(
${before}
${made} -- ${args.image ?? ''} ${command}
) || exit`
    : sh`printf '%s\n' ${environmentLines} | (
${before}
${made} --env-file /dev/stdin -- ${args.image ?? ''} ${command}
) || exit`
}

function start(args: ContainerArgs): Script {
  const { name } = args
  if (args.detach) return lines(sh`run docker start -- ${name}`, note('Started container', name))
  return lines(
    sh`docker start --attach -- ${name} >"$said" 2>&1
code=$?
last=$(tail -n 1 -- "$said")`,
    note('Started container', name),
    section('output'),
    sh`cat -- "$said"`,
    section('status'),
    sh`echo "$code"`,
    args.cleanup && remove(args, name),
    sh`[ "$code" -eq 0 ] || { printf '%s\n' "$last" >&2; exit "$code"; }`,
  )
}

function stop(args: ContainerArgs, name: string): Script {
  return args.force_kill
    ? sh`run docker kill ${args.kill_signal === undefined ? [] : ['--signal', args.kill_signal]} -- ${name}`
    : sh`run docker stop ${patience(args)} -- ${name}`
}

/** One that the engine removes by itself when it stops may be gone by the second step. */
function remove(args: ContainerArgs, name: string): Script {
  return lines(
    sh`if [ "$(docker container inspect --format '{{.State.Running}}' -- ${name} 2>/dev/null)" = true ]; then`,
    stop(args, name),
    sh`fi
docker container inspect -- ${name} >/dev/null 2>&1 && { docker rm --force ${args.keep_volumes ? [] : ['--volumes']} -- ${name} >"$said" 2>&1 || {
  docker container inspect -- ${name} >/dev/null 2>&1 && { tail -n 1 -- "$said" >&2; exit 1; }
}; }`,
  )
}

function patience({ stop_timeout: seconds }: ContainerArgs): string[] {
  return seconds === undefined ? [] : ['--time', String(seconds)]
}

function waitForHealth({ name, healthy_wait_timeout: seconds }: ContainerArgs): Script {
  return sh`waited=0
while :; do
  health=$(docker container inspect --format '{{if .State.Running}}{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}{{else}}ended{{end}}' -- ${name}) || exit
  case $health in
    healthy) break ;;
    none) echo 'the container has no health check' >&2; exit 1 ;;
    ended) echo 'the container has ended' >&2; exit 1 ;;
  esac
  [ "$waited" -lt ${Math.ceil(seconds)} ] || { echo "the container is $health" >&2; exit 1; }
  sleep 1
  waited=$((waited + 1))
done`
}

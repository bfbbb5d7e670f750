import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure, type State } from './module.ts'
import {
  type ComposeProject,
  type Container,
  composeReady,
  lookContainers,
  lookProject,
  projectName,
  readContainers,
  readProject,
  type SeenProject,
} from './parts/compose-look.ts'
import { dockerArgs, dockerReady, engineAnswers, runDocker } from './parts/docker.ts'

const table = {
  project_src: { type: 'path', required: true, doc: 'The folder of the compose file, on the host.' },
  project_name: { type: 'str', doc: 'Name of the project; the folder’s when not given.' },
  files: { type: 'list', elements: 'path', default: [], doc: 'Compose files, when they are not named as usual.' },
  env_files: { type: 'list', elements: 'path', default: [], doc: 'Files of variables for the compose file.' },
  profiles: { type: 'list', elements: 'str', default: [], doc: 'Profiles that are in force.' },
  services: { type: 'list', elements: 'str', default: [], doc: 'Only these services; all when none is named.' },
  state: {
    type: 'str',
    choices: ['present', 'absent', 'stopped', 'restarted'],
    default: 'present',
    doc: 'What is wanted.',
  },
  build: {
    type: 'str',
    choices: ['always', 'never', 'policy', 'True', 'False'],
    default: 'policy',
    doc: 'Whether images are built first.',
  },
  pull: {
    type: 'str',
    choices: ['always', 'missing', 'never', 'policy'],
    default: 'policy',
    doc: 'Whether images are pulled first.',
  },
  recreate: {
    type: 'str',
    choices: ['always', 'never', 'auto', 'smart'],
    default: 'auto',
    doc: 'Whether containers are made anew; `auto`: when their settings or image changed.',
  },
  dependencies: { type: 'bool', default: true, doc: 'Whether services that others need are started too.' },
  remove_orphans: { type: 'bool', default: false, doc: 'Removes containers of services that the file has no more.' },
  remove_volumes: { type: 'bool', default: false, doc: 'With `state: absent`: removes volumes too.' },
  remove_images: { type: 'str', choices: ['all', 'local'], doc: 'With `state: absent`: removes images too.' },
  scale: { type: 'dict', default: {}, doc: 'How many containers of a service; as the file says for those not named.' },
  timeout: { type: 'int', doc: 'Seconds that a container gets to stop.' },
  wait: { type: 'bool', default: false, doc: 'Waits until all containers run and are healthy.' },
  wait_timeout: { type: 'int', default: 300, doc: 'Longest wait, in seconds.' },
  definition: {
    type: 'dict',
    doc: 'The compose file as data.',
    unsupported: 'write it to a file with `copy` and name its folder in `project_src`',
  },
  check_files_existing: {
    type: 'bool',
    default: true,
    doc: 'Looks for the files first.',
    ignored: 'compose itself says which file is missing',
  },
  assume_yes: { type: 'bool', default: false, doc: 'Answers questions.', ignored: 'nothing is asked' },
  ignore_build_events: {
    type: 'bool',
    default: true,
    doc: 'Leaves building out of `actions`.',
    ignored: 'the containers say what changed',
  },
  docker_cli: { type: 'path', doc: 'Path of docker.', ignored: 'the one in PATH is used' },
  docker_host: dockerArgs.docker_host,
  api_version: dockerArgs.api_version,
  tls: dockerArgs.tls,
  validate_certs: dockerArgs.validate_certs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const dockerCompose = defineState({
  summary: 'Brings the containers of a compose file up, to a number, or down.',
  details:
    'Uses `docker compose` or `docker-compose`, whichever the host has, and finds containers by their labels. When settings, images and numbers are as the file says, nothing is run.',
  args: table,
  examples: `
- name: Run the predictor with three workers
  community.docker.docker_compose_v2:
    project_src: /srv/app
    scale: { worker: 3 }
    wait: true
- docker_compose:
    project_src: /srv/app
    state: absent
`,
  returnDocs: {
    containers: 'The containers of the project.',
    images: 'The images they are made from.',
    actions: 'What was done: `what`, `id`, `status`.',
    stdout: 'What compose said.',
    stderr: 'What compose said of each step.',
  },
  check({ scale, services }) {
    const bad = Object.entries(scale ?? {}).filter(([, n]) => !/^\d+$/.test(String(n)))
    return [
      ...bad.map(([name]) => `\`scale.${name}\` must be a number from 0 up`),
      ...(services ?? []).filter(s => s.startsWith('-')).map(s => `\`${s}\` is no name of a service`),
    ]
  },
  look: args => lines(dockerReady(args), composeReady(project(args)), lookProject(project(args))),
  read(output, args, { checkMode }): State | undefined {
    if (!engineAnswers(output, checkMode)) return args.state === 'absent' ? undefined : {}
    const seen = readProject(output.stdout)
    if (args.state === 'absent' && seen.containers.length === 0) return undefined
    for (const name of [...args.services, ...Object.keys(args.scale)]) {
      if (!seen.services.has(name)) {
        throw new ModuleFailure(`the project has no service ${name}; it has ${[...seen.services.keys()].join(', ')}`)
      }
    }
    const state: Record<string, string> = {}
    for (const name of chosen(args, seen)) state[name] = serviceState(name, args, seen)
    if (args.remove_orphans)
      state[orphans] = orphansOf(seen)
        .map(c => c.name)
        .join(', ')
    if (args.wait && ['present', 'restarted'].includes(args.state)) state[readiness] = unready(args, seen)
    return { ...state, [before]: JSON.stringify(seen.containers) }
  },
  want(args, state, { checkMode }): State | undefined {
    if (args.state === 'absent') return undefined
    const wanted: Record<string, string> = {}
    const names = Object.keys(state ?? {}).filter(name => ![before, orphans, readiness].includes(name))
    // Nothing could be looked at in a check: an earlier task would have installed the engine.
    for (const name of names.length > 0 ? names : [all]) {
      wanted[name] = { present: asWanted, stopped: 'stopped', restarted: 'restarted' }[args.state]
    }
    if (args.remove_orphans) wanted[orphans] = ''
    // Waiting changes nothing, so a check has nothing to say of it.
    if (!checkMode && state?.[readiness] !== undefined) wanted[readiness] = ready
    if (args.build === 'always' || args.build === 'True') wanted['images'] = 'built'
    if (args.pull === 'always') wanted['images of registries'] = 'pulled'
    if (args.recreate === 'always') wanted['containers'] = 'new'
    return wanted
  },
  change: (args, { from, to }) => ({
    script: lines(
      dockerReady(args),
      composeReady(project(args)),
      runDocker,
      differsOnlyIn(readiness, from, to) ? waitScript(args) : bring(args),
      section('done'),
      projectName(args.project_name),
      lookContainers,
    ),
  }),
  // Compose's own status is the judge: what it made is listed by the same script.
  verify: false,
  diff(_args, { from, to }) {
    const keys = new Set(
      [...Object.keys(from ?? {}), ...Object.keys(to ?? {})].filter(key => ![before, readiness].includes(key)),
    )
    const text = (state: Partial<State> | undefined) =>
      [...keys].map(key => `${key}: ${state === undefined ? 'absent' : (state[key] ?? 'as it is')}\n`).join('')
    return { before: text(from), after: text(to) }
  },
  returns(_args, { from, changed, output }) {
    const earlier = containersOf(from)
    const now = output === undefined ? earlier : readContainers(output.stdout)
    const untouched =
      output !== undefined && JSON.stringify(earlier.map(identity)) === JSON.stringify(now.map(identity))
    return {
      ...(changed && untouched ? { changed: false } : {}),
      containers: now.map(shown),
      images: [...new Map(now.map(c => [c.imageName, { ID: c.image, Name: c.imageName }])).values()],
      actions: output === undefined ? [] : actions(`${output.stderr}\n${beforeDone(output.stdout)}`),
      ...(output === undefined ? {} : { stdout: beforeDone(output.stdout), stderr: output.stderr }),
    }
  },
})

const before = 'containers before'
const orphans = 'orphans'
const readiness = 'readiness'
const ready = 'ready'
const all = 'all services'
const asWanted = 'as wanted'

function project(args: Args): ComposeProject {
  return {
    directory: args.project_src,
    name: args.project_name,
    files: args.files,
    envFiles: args.env_files,
    profiles: args.profiles,
  }
}

function chosen(args: Args, seen: SeenProject): readonly string[] {
  if (args.services.length > 0) return args.services
  return args.state === 'absent' ? [...new Set(seen.containers.map(c => c.service))] : [...seen.services.keys()]
}

/** One service in words: `as wanted`, or what is not. */
function serviceState(name: string, args: Args, seen: SeenProject): string {
  const asked = seen.services.get(name)
  const own = seen.containers.filter(c => c.service === name)
  const running = own.filter(c => c.running)
  if (args.state === 'stopped') return running.length === 0 && own.length > 0 ? 'stopped' : `${running.length} running`
  if (args.state === 'absent') return `${own.length} containers`
  const number = Number(args.scale[name] ?? asked?.replicas ?? 1)
  if (own.length === 0 && number > 0) return 'absent'
  if (own.length !== number || running.length !== number) return `${running.length} of ${number} running`
  if (args.recreate === 'never') return asWanted
  if (own.some(c => c.hash !== asked?.hash)) return 'made with other settings'
  if (own.some(c => c.imageNow !== undefined && c.image !== c.imageNow)) return 'made from another image'
  return asWanted
}

/** `ready`, or the containers that do not run or whose health is not known to be good yet. */
function unready(args: Args, { containers }: SeenProject): string {
  const waited = containers.filter(c => args.services.length === 0 || args.services.includes(c.service))
  const late = waited.filter(c => c.running && c.health !== '' && c.health !== 'healthy')
  return late.length === 0 ? ready : late.map(c => `${c.name} is ${c.health}`).join(', ')
}

function differsOnlyIn(key: string, from: State | undefined, to: Partial<State> | undefined): boolean {
  const differing = Object.keys(to ?? {}).filter(name => from?.[name] !== to?.[name])
  return differing.length === 1 && differing[0] === key
}

function orphansOf(seen: SeenProject): readonly Container[] {
  return seen.containers.filter(c => !seen.services.has(c.service))
}

function containersOf(state: State | undefined): readonly Container[] {
  const text = state?.[before]
  // written by `read` above
  return typeof text === 'string' ? (JSON.parse(text) as Container[]) : []
}

function bring(args: Args): Script {
  const { services } = args
  const timeout = args.timeout === undefined ? [] : ['--timeout', String(args.timeout)]
  switch (args.state) {
    case 'absent':
      return services.length > 0
        ? sh`run compose rm --stop --force ${args.remove_volumes ? ['-v'] : []} ${services}`
        : sh`run compose down ${timeout} ${args.remove_orphans ? ['--remove-orphans'] : []} ${args.remove_volumes ? ['--volumes'] : []} ${args.remove_images === undefined ? [] : ['--rmi', args.remove_images]}`
    case 'stopped':
      return sh`run compose up --no-start ${upOptions(args)} ${services}
run compose stop ${timeout} ${services}`
    case 'restarted':
      return lines(up(args), sh`run compose restart ${timeout} ${services}`, args.wait && waitScript(args))
    default:
      return lines(up(args), args.wait && waitScript(args))
  }
}

function up(args: Args): Script {
  const pull = args.pull === 'policy' ? [] : ['--pull', args.pull]
  return lines(
    // Version 1 has no --pull.
    args.pull === 'always' && sh`[ "$version" = 2 ] || run compose pull ${args.services}`,
    pull.length === 0 ? undefined : sh`if [ "$version" = 2 ]; then set -- ${pull}; else set --; fi`,
    sh`run compose up -d ${pull.length === 0 ? [] : sh`"$@"`} ${upOptions(args)} ${args.services}`,
  )
}

function upOptions(args: Args): readonly string[] {
  return [
    ...(args.build === 'always' || args.build === 'True' ? ['--build'] : []),
    ...(args.build === 'never' || args.build === 'False' ? ['--no-build'] : []),
    ...(args.recreate === 'always' ? ['--force-recreate'] : []),
    ...(args.recreate === 'never' ? ['--no-recreate'] : []),
    ...(args.dependencies ? [] : ['--no-deps']),
    ...(args.remove_orphans ? ['--remove-orphans'] : []),
    ...(args.timeout === undefined || args.state === 'stopped' ? [] : ['--timeout', String(args.timeout)]),
    ...Object.entries(args.scale).flatMap(([name, number]) => ['--scale', `${name}=${String(number)}`]),
  ]
}

/** `up --wait` is missing in version 1 and gives up on containers that ended well, so the health is asked for here. */
function waitScript({ services, wait_timeout: limit }: Args): Script {
  return sh`
waited=0
while :; do
  unready=$(docker inspect --type container --format '{{.Name}} {{.State.Status}}/{{with index .State "Health"}}{{.Status}}{{end}}/{{.State.ExitCode}}' $(compose ps -a -q ${services} 2>/dev/null) |
    grep -v -E -e ' running/(healthy)?/' -e ' exited/[a-z]*/0$' | tr '\n' ' ')
  [ -n "$unready" ] || break
  case $unready in *' exited/'*|*' dead/'*)
    printf 'a container ended: %s\n' "$unready" >&2
    compose logs --no-color --tail 20 ${services} >&2
    exit 1 ;;
  esac
  if [ "$waited" -ge ${limit} ]; then
    printf 'still not ready after %s s: %s\n' "$waited" "$unready" >&2
    exit 1
  fi
  [ $((waited % 10)) -ne 9 ] || printf 'waiting for %s\n' "$unready"
  sleep 1; waited=$((waited + 1))
done`
}

/** What tells a container that was left alone from one that was made or started. */
function identity({ id, state, startedAt }: Container): readonly string[] {
  return [id, state, startedAt]
}

function shown({ id, name, service, state, imageName, health }: Container): Record<string, string> {
  return { ID: id, Name: name, Service: service, State: state, Image: imageName, Health: health }
}

function beforeDone(stdout: string): string {
  return stdout.split('\x1edone\n')[0] ?? ''
}

/** The steps that compose tells of (` Container app-web-1  Started`); version 1 says `Creating app_web_1 ... done`. */
function actions(text: string): { what: string; id: string; status: string }[] {
  const found: { what: string; id: string; status: string }[] = []
  for (const line of text.split(/[\r\n]+/)) {
    const two =
      /^\s*(Container|Network|Volume|Image|Service) (\S+)\s+(Created|Started|Recreated|Stopped|Removed|Restarted|Built|Pulled)\s*$/.exec(
        line,
      )
    const one =
      /^(Creating|Starting|Recreating|Stopping|Removing|Restarting)(?: (network|volume))? "?(\S+?)"?(?:\s+(?:with .*|\.\.\. done))?$/.exec(
        line,
      )
    if (two) found.push({ what: (two[1] ?? '').toLowerCase(), id: two[2] ?? '', status: two[3] ?? '' })
    else if (one && !line.endsWith('... '))
      found.push({ what: one[2] ?? 'container', id: one[3] ?? '', status: one[1] ?? '' })
  }
  return found
}

import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineAction, type Result } from './module.ts'
import { dockerArgs, dockerReady } from './parts/docker.ts'

const table = {
  name: { type: 'str', required: true, doc: 'Name of the stack.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is there.' },
  compose: {
    type: 'list',
    elements: 'raw',
    default: [],
    doc: 'Compose files on the host, or their content as mappings; later ones win.',
  },
  prune: { type: 'bool', default: false, doc: 'Removes services that the files have no more.' },
  detach: { type: 'bool', default: true, doc: 'False: waits until the services are there; needs a new docker.' },
  with_registry_auth: { type: 'bool', default: false, doc: 'Sends the login for the registry to the members.' },
  resolve_image: {
    type: 'str',
    choices: ['always', 'changed', 'never'],
    doc: 'When the registry is asked for digests.',
  },
  absent_retries: { type: 'int', default: 0, doc: 'How often to try the removal again while parts are still there.' },
  absent_retries_interval: { type: 'int', default: 1, doc: 'Seconds between two tries.' },
  docker_cli: { type: 'path', doc: 'The docker command.', ignored: 'the one on the path is used' },
  cli_context: { type: 'str', doc: 'A context of docker.', unsupported: 'use `docker_host`' },
  ...dockerArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const dockerStack = defineAction({
  summary: 'Brings a stack of services into a swarm, or takes it out.',
  details: 'Runs on a manager of the swarm. Changed is what makes another version of one of its services.',
  args: table,
  examples: `
- community.docker.docker_stack:
    name: predictor
    compose:
      - /srv/app/docker-compose.yml
      - services: { web: { deploy: { replicas: 2 } } }
    prune: true
- docker_stack: { name: old, state: absent, absent_retries: 10 }
`,
  returnDocs: { stack_spec_diff: 'Services whose version changed: before and after.', stdout: 'What docker said.' },
  check: args => (args.state !== 'absent' && (args.compose ?? []).length === 0 ? ['`compose` is needed'] : []),
  act(args) {
    return {
      script: lines(
        dockerReady(args),
        sh`services() {
  docker stack services --format '{{.ID}}' -- ${args.name} 2>/dev/null | while read -r id; do
    docker service inspect --format '{{.Spec.Name}} {{json .Spec}}' "$id"
  done | sort
}`,
        section('before'),
        sh`services`,
        section('said'),
        args.state === 'absent' ? remove(args) : deploy(args),
        section('after'),
        sh`services`,
      ),
    }
  },
  read({ status, stdout, stderr }, args): Result {
    const parts = sections(stdout)
    const said = parts.get('said') ?? ''
    if (status !== 0) {
      const msg = stderr.trim().split('\n').at(-1) || `docker stack ended with ${status}`
      return { failed: true, msg, rc: status, stdout: said, stderr }
    }
    const before = byName(parts.get('before') ?? '')
    const after = byName(parts.get('after') ?? '')
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    const differing = names.filter(name => before[name] !== after[name])
    const removed = args.state === 'absent' && names.length > 0
    return {
      changed: removed || differing.length > 0,
      stack_spec_diff: Object.fromEntries(
        differing.map(name => [name, { before: parsed(before[name]), after: parsed(after[name]) }]),
      ),
      stdout: said,
      stderr,
      rc: 0,
    }
  },
})

/** Content that is given as a mapping becomes a file for the time of the command: JSON is YAML too. */
function deploy(args: Args): Script {
  const files = args.compose.map((file, i) =>
    typeof file === 'string'
      ? { make: sh`:`, word: sh`--compose-file ${pathWord(file)}` }
      : {
          make: sh`printf '%s\n' ${JSON.stringify({ version: '3.8', ...(typeof file === 'object' ? file : {}) })} >"$folder/${i}.json" || exit`,
          word: sh`--compose-file "$folder/${i}.json"`,
        },
  )
  const words = [
    ...(args.prune ? ['--prune'] : []),
    ...(args.with_registry_auth ? ['--with-registry-auth'] : []),
    ...(args.resolve_image === undefined ? [] : ['--resolve-image', args.resolve_image]),
    ...(args.detach ? [] : ['--detach=false']),
  ]
  return lines(
    sh`folder=$(mktemp -d) || exit
trap 'rm -rf -- "$folder"' EXIT`,
    ...files.map(file => file.make),
    sh`docker stack deploy ${words} ${files.map(file => file.word)} -- ${args.name} || exit`,
  )
}

/** Services go at once, their networks when the last container has ended. */
function remove(args: Args): Script {
  return sh`tries=0
while :; do
  said=$(docker stack rm -- ${args.name} 2>&1) || { [ "$tries" -lt ${args.absent_retries} ] || { printf '%s\n' "$said" >&2; exit 1; }; }
  case $said in 'Nothing found'*) break ;; esac
  printf '%s\n' "$said"
  [ "$tries" -lt ${args.absent_retries} ] || break
  tries=$((tries + 1))
  sleep ${args.absent_retries_interval}
done`
}

function byName(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\n')
      .filter(line => line.includes(' '))
      .map(line => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  )
}

function parsed(spec: string | undefined): unknown {
  return spec === undefined ? null : JSON.parse(spec)
}

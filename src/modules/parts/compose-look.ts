import { section, sections } from '../../shell/sections.ts'
import { lines, type Script, sh } from '../../shell/sh.ts'
import { pathWord } from '../../shell/words.ts'

/** Where a project is and how it is read. */
export interface ComposeProject {
  readonly directory: string
  readonly name: string | undefined
  readonly files: readonly string[]
  readonly envFiles: readonly string[]
  readonly profiles: readonly string[]
}

export interface Container {
  readonly id: string
  readonly name: string
  readonly service: string
  readonly state: string
  readonly running: boolean
  readonly restartPolicy: string
  /** Number of the image it was made from, and of the image that its image's name means now. */
  readonly image: string
  readonly imageName: string
  readonly imageNow: string | undefined
  readonly hash: string
  readonly number: string
  readonly health: string
  readonly startedAt: string
}

/** A service as the files ask for it. */
export interface AskedService {
  /** Digests of its settings, each of which a container may bear that was made with them. */
  readonly hashes: readonly string[]
  readonly replicas: number
  readonly image: string | undefined
}

/** A project as its files ask for it and as it is. */
export interface SeenProject {
  readonly version: 1 | 2
  readonly name: string
  readonly services: ReadonlyMap<string, AskedService>
  readonly containers: readonly Container[]
}

/**
 * Defines `compose`, which runs `docker compose` or `docker-compose`, whichever the host has, in the project's folder;
 * sets `version` to 1 or 2 and `project` to the project's name.
 */
export function composeReady({ directory, name, files, envFiles, profiles }: ComposeProject): Script {
  const common = [
    ...(name === undefined ? [] : ['-p', name]),
    ...files.flatMap(f => ['-f', pathWord(f)]),
    ...profiles.flatMap(p => ['--profile', p]),
    ...envFiles.flatMap(f => ['--env-file', pathWord(f)]),
  ]
  return lines(
    sh`
cd -- ${pathWord(directory)} || exit 126
if docker compose version >/dev/null 2>&1; then
  compose() { docker compose ${common} "$@"; }
elif command -v docker-compose >/dev/null; then
  compose() { docker-compose ${common} "$@"; }
else
  echo 'neither docker compose nor docker-compose is on this host' >&2; exit 127
fi
case $(compose version --short) in 1.*) version=1 ;; *) version=2 ;; esac`,
  )
}

/** Prints what the files ask for and which containers there are. Needs `composeReady` before it. */
export function lookProject(project: ComposeProject): Script {
  return lines(
    section('version'),
    sh`echo "$version"`,
    section('config'),
    sh`
if [ "$version" = 1 ]; then config=$(compose config); else config=$(compose config --format json); fi || exit
printf '%s\n' "$config"`,
    section('hashes'),
    sh`hashes=$(compose config --hash '*') || exit
printf '%s\n' "$hashes"`,
    projectName(project.name),
    section('project'),
    sh`printf '%s\n' "$project"`,
    lookContainers,
    section('hashes as made'),
    lookHashesAsMade(project),
  )
}

/**
 * Version 2 leaves the variables of `env_file` out of its `config --hash`, and has them in the hash that its `up` compares. The
 * configuration that it prints has them, too: read by it once more, that gives the hash of `up`. Asked for only where a
 * container bears another hash than the first.
 */
function lookHashesAsMade({ profiles, envFiles }: ComposeProject): Script {
  const options = [...profiles.flatMap(p => ['--profile', p]), ...envFiles.flatMap(f => ['--env-file', pathWord(f)])]
  return sh`
if [ "$version" = 2 ] && printf '%s\n' "$containers" | HASHES=$hashes awk -F '\t' '
  $3 != "" && index("\n" ENVIRON["HASHES"] "\n", "\n" $3 " " $9 "\n") == 0 { other = 1 } END { exit !other }'; then
  printf '%s\n' "$config" | docker compose -p "$project" ${options} --project-directory "$PWD" -f - config --hash '*' 2>/dev/null
fi
:`
}

/** Sets `project`; `config` may hold the project's JSON already. */
export function projectName(name: string | undefined): Script {
  if (name !== undefined) return sh`project=${name}`
  return sh`
if [ "$version" = 1 ]; then
  project=\${COMPOSE_PROJECT_NAME-}
  [ -n "$project" ] || ! [ -r .env ] || project=$(sed -n 's/^COMPOSE_PROJECT_NAME=//p' .env)
  [ -n "$project" ] || project=$(basename -- "$PWD" | tr 'A-Z' 'a-z' | tr -cd 'a-z0-9_-')
else
  [ -n "\${config-}" ] || config=$(compose config --format json 2>/dev/null)
  project=$(printf '%s\n' "$config" | sed -n 's/^  "name": "\(.*\)",*$/\1/p' | head -n 1)
fi`
}

const fields = [
  '{{.Id}}',
  '{{.Name}}',
  '{{index .Config.Labels "com.docker.compose.service"}}',
  '{{.State.Status}}',
  '{{.State.Running}}',
  '{{.HostConfig.RestartPolicy.Name}}',
  '{{.Image}}',
  '{{.Config.Image}}',
  '{{index .Config.Labels "com.docker.compose.config-hash"}}',
  '{{index .Config.Labels "com.docker.compose.container-number"}}',
  // Not `.State.Health`: a container without a health check has no such key.
  '{{with index .State "Health"}}{{.Status}}{{end}}',
  '{{.State.StartedAt}}',
  '{{index .Config.Labels "com.docker.compose.oneoff"}}',
].join('\t')

/** The containers of `$project`, found by label, and the images that their names mean now. */
export const lookContainers: Script = lines(
  section('containers'),
  sh`
ids=$(docker ps -a -q --no-trunc --filter "label=com.docker.compose.project=$project") || exit
containers=
[ -z "$ids" ] || containers=$(docker inspect --type container --format ${fields} $ids) || exit
printf '%s\n' "$containers"`,
  section('images'),
  sh`
names=$(printf '%s\n' "$containers" | cut -f 8 | sort -u)
for image in $names; do
  printf '%s\t%s\n' "$image" "$(docker image inspect --format '{{.Id}}' -- "$image" 2>/dev/null)"
done`,
)

export function readProject(stdout: string): SeenProject {
  const parts = sections(stdout)
  const version = parts.get('version')?.trim() === '1' ? 1 : 2
  const config = parts.get('config') ?? ''
  const asked = version === 1 ? fromYaml(config) : fromJson(config)
  const services = new Map<string, AskedService>()
  for (const line of `${parts.get('hashes') ?? ''}\n${parts.get('hashes as made') ?? ''}`.split('\n')) {
    const [service, hash] = line.trim().split(/\s+/)
    if (!service || !hash) continue
    const hashes = [...(services.get(service)?.hashes ?? []), hash]
    services.set(service, { replicas: 1, image: undefined, ...asked.get(service), hashes })
  }
  return { version, name: parts.get('project')?.trim() ?? '', services, containers: readContainers(stdout) }
}

/** The containers in what `lookContainers` printed, those of `compose run` left out. */
export function readContainers(stdout: string): readonly Container[] {
  const parts = sections(stdout)
  const images = new Map(
    (parts.get('images') ?? '').split('\n').map(line => [line.split('\t')[0] ?? '', line.split('\t')[1] ?? '']),
  )
  const found: Container[] = []
  for (const line of (parts.get('containers') ?? '').split('\n')) {
    const [
      id = '',
      name = '',
      service = '',
      state = '',
      running,
      restart = '',
      image = '',
      imageName = '',
      hash = '',
      number = '',
      health = '',
      startedAt = '',
      oneOff,
    ] = line.split('\t')
    if (id === '' || oneOff?.toLowerCase() === 'true') continue
    found.push({
      id,
      name: name.replace(/^\//, ''),
      service,
      state,
      running: running === 'true',
      restartPolicy: restart,
      image,
      imageName,
      imageNow: images.get(imageName) || undefined,
      hash,
      number,
      health,
      startedAt,
    })
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

type Asked = ReadonlyMap<string, { readonly replicas: number; readonly image: string | undefined }>

function fromJson(text: string): Asked {
  const found = new Map<string, { replicas: number; image: string | undefined }>()
  // `docker compose config --format json`: services by name
  const { services = {} } = JSON.parse(text) as {
    services?: Record<string, { scale?: number; image?: string; deploy?: { replicas?: number; mode?: string } | null }>
  }
  for (const [name, { scale, image, deploy }] of Object.entries(services)) {
    found.set(name, { replicas: Number(deploy?.replicas ?? scale ?? 1), image })
  }
  return found
}

/** Version 1 prints YAML only, always with two blanks a level and keys of its own making. */
function fromYaml(text: string): Asked {
  const found = new Map<string, { replicas: number; image: string | undefined }>()
  let inServices = false
  let current: { replicas: number; image: string | undefined } | undefined
  for (const line of text.split('\n')) {
    if (/^\S/.test(line)) inServices = line.startsWith('services:')
    if (!inServices) continue
    const service = /^ {2}(?:"(.+)"|'(.+)'|([^\s'"].*)):$/.exec(line)
    if (service) {
      current = { replicas: 1, image: undefined }
      found.set(service[1] ?? service[2] ?? service[3] ?? '', current)
    }
    const replicas = /^ {4}scale: (\d+)$/.exec(line) ?? /^ {6}replicas: (\d+)$/.exec(line)
    const image = /^ {4}image: (.+)$/.exec(line)
    if (current && replicas) current.replicas = Number(replicas[1])
    if (current && image) current.image = image[1]
  }
  return found
}

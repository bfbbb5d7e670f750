import type { ScriptResult } from '../connection/connection.ts'
import { type Script, script, sh } from '../shell/sh.ts'

/** A container of the application, as Compose labelled it. */
export interface Container {
  readonly id: string
  readonly name: string
  readonly service: string
  /** Counts from 1 within its service. */
  readonly number: number
  readonly image: string
  /** Docker's word: `running`, `exited`, `restarting`, `paused`, … */
  readonly state: string
  /** `healthy`, `unhealthy`, `starting`, or undefined where the image has no check. */
  readonly health: string | undefined
  /** Docker's sentence: `Up 3 minutes (healthy)`. */
  readonly status: string
}

const fields = [
  '.ID',
  '.State',
  '.Image',
  'index .Labels "com.docker.compose.service"',
  'index .Labels "com.docker.compose.container-number"',
  '.Names',
  '.Status',
]
// `docker ps` knows labels only by its own function; `index .Labels` is what `inspect` would want
const format = fields.map(field => `{{${field.replace(/^index \.Labels (.*)$/, '.Label $1')}}}`).join('\t')

/** The containers of a Compose project, one a line. Found by label, never by name. */
export function listScript(project: string): Script {
  return sh`LC_ALL=C docker ps --all --no-trunc --filter ${`label=com.docker.compose.project=${project}`} --format ${format}`
}

/** What `listScript` printed, in order of service and number. */
export function readContainers({ stdout }: ScriptResult): Container[] {
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [id = '', state = '', image = '', service = '', number = '', name = '', status = ''] = line.split('\t')
      const health = /\((?:health: )?(healthy|unhealthy|starting)\)/.exec(status)?.[1]
      return { id, state, image, service, number: Number(number), name, status, health }
    })
    .sort((a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : a.number - b.number))
}

/** `docker compose` where the plugin is there, else `docker-compose`; in the folder of the application. */
export function composeScript(directory: string, project: string, command: Script): Script {
  return script(
    [
      sh`cd -- ${directory} || exit 1`.text,
      'if docker compose version >/dev/null 2>&1; then compose="docker compose"',
      'elif command -v docker-compose >/dev/null 2>&1; then compose=docker-compose',
      "else echo 'neither docker compose nor docker-compose is installed' >&2; exit 127; fi",
      `$compose ${sh`-p ${project} ${command}`.text}`,
    ].join('\n'),
  )
}

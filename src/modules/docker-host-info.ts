import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineAction } from './module.ts'
import { texts } from './parts/container-values.ts'
import { dockerArgs, dockerReady } from './parts/docker.ts'

const filters = (what: string) => ({ type: 'dict', doc: `Which ${what}: filters as docker has them.` }) as const
const list = (what: string) => ({ type: 'bool', default: false, doc: `Lists ${what}.` }) as const

const table = {
  containers: list('containers'),
  containers_all: { type: 'bool', default: false, doc: 'Lists also containers that do not run.' },
  containers_filters: filters('containers'),
  disk_usage: { type: 'bool', default: false, doc: 'Tells how much disk is used.' },
  images: list('images'),
  images_filters: filters('images'),
  networks: list('networks'),
  networks_filters: filters('networks'),
  volumes: list('volumes'),
  volumes_filters: filters('volumes'),
  verbose_output: { type: 'bool', default: false, doc: 'Tells of each all that the engine knows.' },
  ...dockerArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const dockerHostInfo = defineAction({
  summary: 'Tells about the engine of a host, and what it holds.',
  args: table,
  examples: `
- community.docker.docker_host_info:
    containers: true
    containers_filters: { label: owner=predictor }
  register: engine
- debug:
    msg: "{{ engine.host_info.ServerVersion }}"
`,
  returnDocs: {
    host_info: 'What the engine tells of itself.',
    can_talk_to_docker: 'True.',
    containers: 'Containers, where asked for; so too `images`, `networks`, `volumes`.',
    disk_usage: 'Used disk, where asked for.',
  },
  readOnly: true,
  act: args => ({
    script: lines(
      dockerReady(args),
      section('info'),
      sh`docker info --format '{{json .}}' || exit`,
      ...kinds.filter(kind => args[kind]).map(kind => lines(section(kind), listScript(kind, args))),
      args.disk_usage && lines(section('disk'), sh`docker system df --format '{{json .}}' || exit`),
    ),
  }),
  read(output, args) {
    if (output.status !== 0) {
      const msg = output.stderr.trim().split('\n').at(-1) || 'the engine of this host does not answer'
      return { failed: true, can_talk_to_docker: false, msg, rc: output.status }
    }
    const parts = sections(output.stdout)
    const result: Record<string, unknown> = {}
    for (const kind of kinds) {
      if (args[kind]) result[kind] = parse(parts.get(kind) ?? '', args.verbose_output)
    }
    if (args.disk_usage) result.disk_usage = parse(parts.get('disk') ?? '', false)
    return { changed: false, can_talk_to_docker: true, host_info: JSON.parse(parts.get('info') ?? '{}'), ...result }
  },
})

const kinds = ['containers', 'images', 'networks', 'volumes'] as const

/** Docker lists volumes by name and all else by id. */
function listScript(kind: (typeof kinds)[number], args: Args): Script {
  const asked = Object.entries(texts(args[`${kind}_filters`])).flatMap(([name, value]) => [
    '--filter',
    `${name}=${value}`,
  ])
  const what = kind.slice(0, -1)
  const words = [...(kind === 'containers' && args.containers_all ? ['--all'] : []), ...asked]
  if (!args.verbose_output) {
    return sh`docker ${what} ls ${kind === 'volumes' ? [] : ['--no-trunc']} ${words} --format '{{json .}}' || exit`
  }
  return sh`ids=$(docker ${what} ls --quiet ${words}) || exit
if [ -n "$ids" ]; then docker ${what} inspect $ids || exit; else echo '[]'; fi`
}

/** One object a line, or a list of all; ids under the engine's own name for them. */
function parse(text: string, whole: boolean): unknown {
  if (whole) return JSON.parse(text)
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const { ID: id, ...rest } = JSON.parse(line) as Record<string, unknown> // docker prints an object a line
      return id === undefined ? rest : { Id: id, ...rest }
    })
}

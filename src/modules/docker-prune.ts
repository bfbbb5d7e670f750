import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineAction } from './module.ts'
import { texts } from './parts/container-values.ts'
import { dockerArgs, dockerReady, runDocker } from './parts/docker.ts'

const filters = (what: string) => ({ type: 'dict', doc: `Which ${what}: filters as docker has them.` }) as const
const prune = (what: string) => ({ type: 'bool', default: false, doc: `Removes ${what}.` }) as const

const table = {
  containers: prune('containers that do not run'),
  containers_filters: filters('containers'),
  images: prune('images that nobody uses; with `dangling: false` in the filters, those with names too'),
  images_filters: filters('images'),
  networks: prune('networks that no container is in'),
  networks_filters: filters('networks'),
  volumes: prune('volumes that no container has'),
  volumes_filters: filters('volumes'),
  builder_cache: prune('what builds have left'),
  builder_cache_all: { type: 'bool', default: false, doc: 'Removes also what builds may use again.' },
  builder_cache_filters: filters('leftovers of builds'),
  builder_cache_keep_storage: { type: 'str', doc: 'How much of that is kept, such as `1G`.' },
  ...dockerArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const dockerPrune = defineAction({
  summary: 'Removes containers, images, networks and volumes that are not used.',
  args: table,
  examples: `
- name: Make room
  community.docker.docker_prune:
    containers: true
    images: true
    images_filters: { dangling: false, until: 240h }
    builder_cache: true
`,
  returnDocs: {
    containers:
      'Ids of the containers that were removed; so too `images`, `networks`, `volumes`, `builder_cache_caches_deleted`.',
    containers_space_reclaimed: 'Bytes that became free; so too `images_space_reclaimed` and so on.',
  },
  act: args => ({
    script: lines(
      dockerReady(args),
      runDocker,
      ...kinds.filter(kind => args[kind]).map(kind => lines(section(kind), pruneScript(kind, args))),
    ),
  }),
  read(output, args) {
    const result: Record<string, unknown> = {}
    let changed = false
    const parts = sections(output.stdout)
    for (const kind of kinds) {
      if (!args[kind]) continue
      const said = parts.get(kind) ?? ''
      const removed = said
        .split('\n')
        .filter(line => /^(?:untagged: |deleted: )?\S+$/.test(line.trim()) && line.trim() !== '')
      const space = spaceOf(said)
      if (removed.length > 0 || space > 0) changed = true
      if (kind !== 'builder_cache') result[kind] = removed.map(line => line.trim())
      else result.builder_cache_caches_deleted = removed
      if (kind !== 'networks') result[`${kind}_space_reclaimed`] = space
    }
    if (output.status !== 0) return { failed: true, rc: output.status, msg: output.stderr.trim() }
    return { changed, ...result }
  },
})

const kinds = ['containers', 'images', 'networks', 'volumes', 'builder_cache'] as const

function pruneScript(kind: (typeof kinds)[number], args: Args): Script {
  const asked = texts(args[`${kind}_filters`])
  const all = kind === 'images' && /^(?:false|no|0)$/i.test(asked.dangling ?? '')
  const words = Object.entries(asked)
    .filter(([name]) => kind !== 'images' || name !== 'dangling')
    .flatMap(([name, value]) => ['--filter', `${name}=${value}`])
  if (kind === 'builder_cache') {
    const kept = args.builder_cache_keep_storage
    return sh`run docker builder prune --force ${args.builder_cache_all ? ['--all'] : []} ${kept === undefined ? [] : ['--keep-storage', kept]} ${words}`
  }
  return sh`run docker ${kind.slice(0, -1)} prune --force ${all ? ['--all'] : []} ${words}`
}

/** Bytes of the last line of a prune: "Total reclaimed space: 1.5MB". Docker counts in thousands. */
function spaceOf(said: string): number {
  const match = /^Total(?: reclaimed space)?:\s+([\d.]+)\s*([kMGT]?)B$/m.exec(said)
  return match === null ? 0 : Math.round(Number(match[1]) * 1000 ** ' kMGT'.indexOf(match[2] || ' '))
}

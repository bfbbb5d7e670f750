import type { ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure, type Plain } from './module.ts'
import { texts } from './parts/container-values.ts'
import { dockerArgs, dockerReady, engineAnswers, runDocker } from './parts/docker.ts'
import { firstOf, recordAt, textAt } from './parts/json-path.ts'

const table = {
  hostname: { type: 'str', required: true, doc: 'Host name or id of the member of the swarm.' },
  labels: { type: 'dict', doc: 'Its labels.' },
  labels_state: {
    type: 'str',
    choices: ['merge', 'replace'],
    default: 'merge',
    doc: 'Whether other labels stay.',
  },
  labels_to_remove: { type: 'list', elements: 'str', doc: 'Labels that go.' },
  availability: { type: 'str', choices: ['active', 'pause', 'drain'], doc: 'Whether it gets work.' },
  role: { type: 'str', choices: ['manager', 'worker'], doc: 'What it is.' },
  ...dockerArgs,
} as const satisfies ArgTable

type NodeState = {
  readonly labels?: Readonly<Record<string, string>>
  readonly availability?: string
  readonly role?: string
  readonly found?: Plain
}

export const dockerNode = defineState({
  summary: 'Says what a member of a swarm is and does.',
  details: 'Runs on a manager of the swarm.',
  args: table,
  examples: `
- community.docker.docker_node:
    hostname: worker1
    availability: drain
    labels: { zone: b }
`,
  returnDocs: { node: 'What the swarm knows of the member.' },
  look: args => lines(dockerReady(args), section('node'), sh`docker node inspect -- ${args.hostname} || exit`),
  read(output, _, { checkMode }): NodeState | undefined {
    if (!engineAnswers(output, checkMode)) return {}
    const node = firstOf(sections(output.stdout).get('node'))
    return {
      labels: inOrder(texts(recordAt(node, 'Spec.Labels'))),
      availability: textAt(node, 'Spec.Availability'),
      role: textAt(node, 'Spec.Role'),
      ...(node === undefined ? {} : { found: node as Plain }), // JSON of the engine
    }
  },
  want(args, state): Partial<NodeState> {
    const has = state?.labels ?? {}
    const given = texts(args.labels)
    const gone = new Set(args.labels_to_remove ?? [])
    if (args.labels_state === 'replace' && gone.size > 0)
      throw new ModuleFailure('`labels_to_remove` is for `labels_state: merge`')
    const kept =
      args.labels_state === 'replace' ? {} : Object.fromEntries(Object.entries(has).filter(([key]) => !gone.has(key)))
    const touches = args.labels !== undefined || gone.size > 0 || args.labels_state === 'replace'
    return {
      ...(touches ? { labels: inOrder({ ...kept, ...given }) } : {}),
      ...(args.availability === undefined ? {} : { availability: args.availability }),
      ...(args.role === undefined ? {} : { role: args.role }),
    }
  },
  change(args, { from, to }) {
    const has = from?.labels ?? {}
    const labels = to?.labels ?? has
    const words = [
      ...Object.entries(labels).flatMap(([key, value]) =>
        has[key] === value ? [] : ['--label-add', `${key}=${value}`],
      ),
      ...Object.keys(has).flatMap(key => (key in labels ? [] : ['--label-rm', key])),
      ...(to?.availability === undefined ? [] : ['--availability', to.availability]),
      ...(to?.role === undefined ? [] : ['--role', to.role]),
    ]
    return { script: lines(dockerReady(args), runDocker, sh`run docker node update ${words} -- ${args.hostname}`) }
  },
  returns: (_, { to }) => ({ node: to?.found ?? {} }),
})

function inOrder(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
}

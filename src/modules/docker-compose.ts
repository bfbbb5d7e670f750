import { section } from '../shell/sections.ts'
import { lines } from '../shell/sh.ts'
import { defineState, type State } from './module.ts'
import { actions, beforeDone, identity, shown } from './parts/compose-actions.ts'
import { composeArgs, projectOf } from './parts/compose-args.ts'
import {
  composeReady,
  lookContainers,
  lookProject,
  projectName,
  readContainers,
  readProject,
} from './parts/compose-look.ts'
import { containersOf, onlyWaits, stateDiff, stateOf, wantedOf } from './parts/compose-state.ts'
import { bring, waitScript } from './parts/compose-up.ts'
import { dockerReady, engineAnswers, runDocker } from './parts/docker.ts'

export const dockerCompose = defineState({
  summary: 'Brings the containers of a compose file up, to a number, or down.',
  details:
    'Uses `docker compose` or `docker-compose`, whichever the host has, and finds containers by their labels. When settings, images and numbers are as the file says, nothing is run.',
  args: composeArgs,
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
  look: args => lines(dockerReady(args), composeReady(projectOf(args)), lookProject(projectOf(args))),
  read(output, args, { checkMode }): State | undefined {
    if (!engineAnswers(output, checkMode)) return args.state === 'absent' ? undefined : {}
    const seen = readProject(output.stdout)
    if (args.state === 'absent' && seen.containers.length === 0) return undefined
    return stateOf(args, seen)
  },
  want: (args, state, { checkMode }): State | undefined =>
    args.state === 'absent' ? undefined : wantedOf(args, state, checkMode),
  change: (args, { from, to }) => ({
    script: lines(
      dockerReady(args),
      composeReady(projectOf(args)),
      runDocker,
      onlyWaits(from, to) ? waitScript(args) : bring(args),
      section('done'),
      projectName(args.project_name),
      lookContainers,
    ),
  }),
  // Compose's own status is the judge: what it made is listed by the same script.
  verify: false,
  diff: (_args, { from, to }) => stateDiff(from, to),
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

import type { ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, type Plain } from './module.ts'
import { texts } from './parts/container-values.ts'
import { dockerArgs, dockerReady, engineAnswers, runDocker } from './parts/docker.ts'
import { firstOf, recordAt, textAt } from './parts/json-path.ts'

const table = {
  volume_name: { type: 'str', required: true, aliases: ['name'], doc: 'Name of the volume.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is there.' },
  driver: { type: 'str', default: 'local', doc: 'Its driver.' },
  driver_options: { type: 'dict', default: {}, doc: 'Options of the driver.' },
  labels: { type: 'dict', doc: 'Labels.' },
  recreate: {
    type: 'str',
    choices: ['always', 'never', 'options-changed'],
    default: 'never',
    doc: 'When a volume that is there is made anew: all that is on it is lost.',
  },
  ...dockerArgs,
} as const satisfies ArgTable

type VolumeState = {
  readonly options?: Plain
  readonly again?: boolean
  readonly found?: Plain
}

export const dockerVolume = defineState({
  summary: 'Makes and removes volumes of containers.',
  details:
    'A volume that is there is left as it is, also when its driver, options or labels differ: `recreate` says otherwise.',
  args: table,
  examples: `
- name: A place for the broker's messages
  community.docker.docker_volume:
    name: broker
    labels: { owner: predictor }
- docker_volume:
    volume_name: scratch
    driver_options: { type: tmpfs, device: tmpfs, o: size=64m }
    recreate: options-changed
- docker_volume:
    name: old
    state: absent
`,
  returnDocs: { volume: 'What the engine tells of the volume.', actions: 'What was done, in words.' },
  look: args =>
    lines(
      dockerReady(args),
      section('volume'),
      sh`docker volume inspect -- ${args.volume_name} 2>/dev/null
:`,
    ),
  read(output, args, { checkMode }): VolumeState | undefined {
    if (!engineAnswers(output, checkMode)) return undefined
    const volume = firstOf(sections(output.stdout).get('volume'))
    if (volume === undefined) return undefined
    const asked = options(args)
    const has = {
      driver: textAt(volume, 'Driver'),
      options: only(texts(recordAt(volume, 'Options')), asked.options),
      labels: only(texts(recordAt(volume, 'Labels')), asked.labels),
    }
    return { options: has, found: volume as Plain } // JSON of the engine
  },
  want(args, state): Partial<VolumeState> | undefined {
    if (args.state === 'absent') return undefined
    if (state === undefined || args.recreate === 'options-changed') return { options: options(args) }
    return args.recreate === 'always' ? { again: true } : {}
  },
  change(args, { from, to }) {
    const pairs = (option: string, values: Readonly<Record<string, string>>) =>
      Object.entries(values).flatMap(([key, value]) => [option, `${key}=${value}`])
    const words = [
      '--driver',
      args.driver,
      ...pairs('--opt', texts(args.driver_options)),
      ...pairs('--label', texts(args.labels)),
    ]
    return {
      script: lines(
        dockerReady(args),
        runDocker,
        from !== undefined && sh`run docker volume rm -- ${args.volume_name}`,
        to !== undefined && sh`run docker volume create ${words} -- ${args.volume_name}`,
        section('after'),
        sh`docker volume inspect -- ${args.volume_name} 2>/dev/null || :`,
      ),
    }
  },
  // That it was made anew cannot be seen.
  verify: false,
  returns(args, { from, to, changed, output }) {
    const volume = output === undefined ? to?.found : firstOf(sections(output.stdout).get('after'))
    const done = args.state === 'absent' ? 'Removed' : from === undefined ? 'Created' : 'Created anew'
    return { volume: volume ?? {}, actions: changed ? [`${done} volume ${args.volume_name}`] : [] }
  },
})

interface Asked {
  readonly driver: string
  readonly driver_options: Readonly<Record<string, unknown>>
  readonly labels?: Readonly<Record<string, unknown>> | undefined
}

function options({ driver, driver_options, labels }: Asked) {
  return { driver, options: texts(driver_options), labels: texts(labels) }
}

function only(values: Readonly<Record<string, string>>, asked: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(values).filter(([key]) => Object.hasOwn(asked, key)))
}

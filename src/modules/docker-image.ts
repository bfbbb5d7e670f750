import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { pathWord } from '../shell/words.ts'
import { defineState, ModuleFailure, type Plain } from './module.ts'
import { dockerArgs, dockerReady, engineAnswers, runDocker } from './parts/docker.ts'
import { contextDigest, contextLabel } from './parts/docker-context.ts'

const table = {
  name: { type: 'str', required: true, doc: 'The image, perhaps with its tag or digest.' },
  tag: { type: 'str', default: 'latest', doc: 'The tag, where the name has none.' },
  source: { type: 'str', choices: ['build', 'pull', 'local', 'load'], doc: 'Where it comes from when it is wanted.' },
  build: {
    type: 'dict',
    doc: 'How it is built: `path` (the context on the host), `dockerfile`, `args`, `pull`, `nocache`, `network`, `labels`, `target`, `rm`, `etc_hosts`, `cache_from`, `platform`, `shm_size`.',
  },
  pull: { type: 'raw', doc: 'How it is pulled: `platform`.' },
  load_path: { type: 'path', doc: 'The archive for `source: load`.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is there.' },
  force_source: {
    type: 'bool',
    default: false,
    doc: 'Builds, pulls or loads it even when it is there; changed when another image came out.',
  },
  force_absent: { type: 'bool', default: false, doc: 'Removes it even when containers use it.' },
  force_tag: { type: 'bool', default: false, doc: 'Moves the tag `repository` from another image.' },
  repository: { type: 'str', doc: 'A further name for it.' },
  push: {
    type: 'bool',
    default: false,
    doc: 'Pushes it to its registry.',
    unsupported: 'images are not pushed yet; use `command: docker push NAME`',
  },
  archive_path: {
    type: 'path',
    doc: 'Saves it to a file.',
    unsupported: 'images are not saved yet; use `command: docker save`',
  },
  ...dockerArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

type ImageState = {
  readonly id?: string
  /** Digest of what the image was built from. */
  readonly context?: string | undefined
  /** Digest of what it would be built from now. */
  readonly contextNow?: string | undefined
  readonly fetched?: string
  readonly repositoryId?: string | undefined
  readonly image?: Plain
}

export const dockerImage = defineState({
  summary: 'Builds, pulls, loads, tags and removes images of containers.',
  details:
    'A built image carries a digest of its context (`.dockerignore` honoured) and of what it was built with in the label `mlops.context`: it is built again when these change.',
  args: table,
  examples: `
- name: Build the predictor
  community.docker.docker_image:
    name: predictor
    tag: "7"
    source: build
    build:
      path: /srv/app
      args: { NODE_VERSION: "20" }
- docker_image:
    name: rabbitmq:3-management
    source: pull
`,
  returnDocs: {
    image: 'What the engine tells of the image.',
    actions: 'What was done, in words.',
    stdout: 'What the build said.',
  },
  check(args) {
    if (args.state === 'absent') return []
    const problems: string[] = []
    if (args.source === undefined) problems.push('`source` is needed: build, pull, load or local')
    if (args.source === 'load' && args.load_path === undefined)
      problems.push('`load_path` is needed with `source: load`')
    if (args.source === 'build') {
      if (args.build === undefined || args.build.path === undefined)
        problems.push('`build.path` is needed with `source: build`')
      for (const key of Object.keys(args.build ?? {})) {
        if (!buildKeys.has(key)) problems.push(`\`build\` has no \`${key}\`, or it is not supported yet`)
      }
    }
    return problems
  },
  look(args) {
    const build = args.source === 'build' && args.state === 'present' ? args.build : undefined
    return lines(
      dockerReady(args),
      section('image'),
      sh`docker image inspect -- ${reference(args)} 2>/dev/null`,
      args.repository !== undefined &&
        lines(
          section('repository'),
          sh`docker image inspect --format '{{.Id}}' -- ${withTag(args.repository, args.tag)} 2>/dev/null`,
        ),
      build && lines(section('context'), contextDigest(String(build.path), dockerfile(args), recipe(args))),
      sh`:`,
    )
  },
  read(output, args, { checkMode }): ImageState | undefined {
    if (!engineAnswers(output, checkMode)) return undefined
    const parts = sections(output.stdout)
    const image = inspected(parts.get('image') ?? '')
    const now = parts.get('context')?.trim()
    if (args.source === 'build' && args.state === 'present' && !now) {
      if (!checkMode)
        throw new ModuleFailure(output.stderr.trim() || `the context ${String(args.build?.path)} cannot be read`)
    }
    if (image === undefined) return args.state === 'absent' ? undefined : { contextNow: now }
    return {
      id: image.Id,
      context: image.Config?.Labels?.[contextLabel],
      contextNow: now,
      repositoryId: parts.get('repository')?.trim(),
      image: image as unknown as Plain, // JSON of the engine
    }
  },
  want(args, state): Partial<ImageState> | undefined {
    if (args.state === 'absent') return undefined
    if (args.source === 'local' && state?.id === undefined) {
      throw new ModuleFailure(`Cannot find the image ${reference(args)} locally.`)
    }
    return {
      ...(state?.id === undefined ? { id: 'there' } : {}),
      ...(args.source === 'build' ? { context: state?.contextNow ?? 'known' } : {}),
      ...(args.force_source ? { fetched: 'again' } : {}),
      ...(args.repository !== undefined && (args.force_tag || !state?.repositoryId)
        ? { repositoryId: state?.id ?? 'the same' }
        : {}),
    }
  },
  change(args, { from, to }) {
    if (to === undefined) {
      return {
        script: lines(
          dockerReady(args),
          sh`docker image rm ${args.force_absent ? ['--force'] : []} -- ${reference(args)}`,
        ),
      }
    }
    const fetch =
      to.id !== undefined || to.fetched !== undefined || (to.context !== undefined && to.context !== from?.context)
    return {
      script: lines(
        dockerReady(args),
        runDocker,
        fetch && fetchScript(args),
        args.repository !== undefined &&
          sh`docker tag -- ${reference(args)} ${withTag(args.repository, args.tag)} || exit`,
        section('after'),
        sh`docker image inspect -- ${reference(args)} 2>/dev/null || { echo 'no image came out of it' >&2; exit 1; }`,
      ),
    }
  },
  // The image's id is not known beforehand; the script itself says what came out.
  verify: false,
  diff: (args, { from, to }) => ({
    before: `${from?.id === undefined ? 'absent' : `${from.id} (context ${from.context ?? 'unknown'})`}\n`,
    after: `${to === undefined ? 'absent' : `${args.source} (context ${to.context ?? 'unknown'})`}\n`,
  }),
  returns(args, { from, changed, output }) {
    const after = inspected(sections(output?.stdout ?? '').get('after') ?? '')
    const same = changed && after !== undefined && after.Id === from?.id && args.repository === undefined
    return {
      ...(same ? { changed: false } : {}),
      image: after ?? (args.state === 'absent' ? {} : (from?.image ?? {})),
      actions: changed && !same ? [`${action(args)} ${reference(args)}`] : [],
      ...(output === undefined
        ? {}
        : { stdout: output.stdout.replace(/\x1eafter\n[\s\S]*$/, ''), stderr: output.stderr }),
    }
  },
})

const buildKeys = new Set([
  'path',
  'dockerfile',
  'args',
  'pull',
  'nocache',
  'network',
  'labels',
  'target',
  'rm',
  'etc_hosts',
  'cache_from',
  'platform',
  'shm_size',
  'http_timeout',
  'use_config_proxy',
])

interface Inspected {
  readonly Id: string
  readonly Config?: { readonly Labels?: Readonly<Record<string, string>> | null }
}

function inspected(text: string): Inspected | undefined {
  try {
    const list: unknown = JSON.parse(text)
    // docker image inspect answers a list of objects with an Id
    return Array.isArray(list) && list.length > 0 ? (list[0] as Inspected) : undefined
  } catch {
    return undefined
  }
}

function action({ state, source }: Args): string {
  if (state === 'absent') return 'Removed image'
  return { build: 'Built image', pull: 'Pulled image', load: 'Loaded image', local: 'Tagged image' }[source ?? 'local']
}

function reference({ name, tag }: Args): string {
  return withTag(name, tag)
}

/** The name with a tag, unless it has one or a digest. A colon before the last slash is a port. */
function withTag(name: string, tag: string): string {
  return name.includes('@') || name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:${tag}`
}

function dockerfile({ build }: Args): string | undefined {
  return build?.dockerfile === undefined || build.dockerfile === null ? undefined : String(build.dockerfile)
}

function fetchScript(args: Args): Script {
  switch (args.source) {
    case 'build':
      return buildScript(args)
    case 'pull': {
      const platform =
        typeof args.pull === 'object' && args.pull !== null ? Reflect.get(args.pull, 'platform') : undefined
      return sh`run docker pull ${platform === undefined ? [] : ['--platform', String(platform)]} -- ${reference(args)}`
    }
    case 'load':
      return sh`run docker load -i ${pathWord(args.load_path ?? '')}`
    default:
      return sh`:`
  }
}

function buildScript(args: Args): Script {
  const path = String(args.build?.path)
  const names = Object.entries(dict(args.build?.args))
  return lines(
    sh`context=$(
${contextDigest(path, dockerfile(args), recipe(args))}
) || exit`,
    // A value of a build argument may be secret: docker reads it from the environment.
    ...names.filter(([name]) => isName(name)).map(([name, value]) => sh`export ${name}=${String(value)}`),
    sh`
cd -- ${pathWord(path)} || exit
run docker build --tag ${reference(args)} --label ${`${contextLabel}=`}"$context" ${options(args)} ${names.flatMap(([name, value]) => ['--build-arg', isName(name) ? name : `${name}=${String(value)}`])} ${dockerfile(args) === undefined ? [] : ['--file', dockerfile(args) ?? '']} .`,
  )
}

/** What changes the outcome of a build beside its files, as options of `docker build`. */
function options({ build = {} }: Args): readonly string[] {
  const text = (key: string) =>
    build[key] === undefined || build[key] === null || build[key] === '' ? undefined : String(build[key])
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value])
  return [
    ...(build.pull === true || text('pull') === 'yes' ? ['--pull'] : []),
    ...(build.nocache === true ? ['--no-cache'] : []),
    ...(build.rm === false ? ['--rm=false'] : []),
    ...option('--network', text('network')),
    ...option('--target', text('target')),
    ...option('--platform', text('platform')),
    ...option('--shm-size', text('shm_size')),
    ...Object.entries(dict(build.labels)).flatMap(([name, value]) => ['--label', `${name}=${String(value)}`]),
    ...Object.entries(dict(build.etc_hosts)).flatMap(([name, value]) => ['--add-host', `${name}:${String(value)}`]),
    ...(Array.isArray(build.cache_from) ? build.cache_from.flatMap(from => ['--cache-from', String(from)]) : []),
  ]
}

/** All beside the files that a build depends on. */
function recipe(args: Args): readonly string[] {
  const { args: values } = args.build ?? {}
  return [...options(args), ...Object.entries(dict(values)).map(([name, value]) => `${name}=${String(value)}`)]
}

function dict(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function isName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && text !== 'PATH'
}

import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure, type Plain } from './module.ts'
import { dockerReady, engineAnswers, runDocker } from './parts/docker.ts'
import { contextDigest, contextLabel } from './parts/docker-context.ts'
import { buildKeys, type ImageArgs, imageArgs } from './parts/image-args.ts'
import { dockerfile, fetchScript, recipe, reference, withTag } from './parts/image-build.ts'

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
  args: imageArgs,
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

function action({ state, source }: ImageArgs): string {
  if (state === 'absent') return 'Removed image'
  return { build: 'Built image', pull: 'Pulled image', load: 'Loaded image', local: 'Tagged image' }[source ?? 'local']
}

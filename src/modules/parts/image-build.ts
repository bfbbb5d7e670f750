import { lines, type Script, sh } from '../../shell/sh.ts'
import { pathWord } from '../../shell/words.ts'
import { contextDigest, contextLabel } from './docker-context.ts'
import type { ImageArgs } from './image-args.ts'

/** The image by its whole name. */
export function reference({ name, tag }: ImageArgs): string {
  return withTag(name, tag)
}

/** The name with a tag, unless it has one or a digest. A colon before the last slash is a port. */
export function withTag(name: string, tag: string): string {
  return name.includes('@') || name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:${tag}`
}

/** Builds, pulls or loads the image. */
export function fetchScript(args: ImageArgs): Script {
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

function buildScript(args: ImageArgs): Script {
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

/** The file of the recipe, when it has another name than usual. */
export function dockerfile({ build }: ImageArgs): string | undefined {
  return build?.dockerfile === undefined || build.dockerfile === null ? undefined : String(build.dockerfile)
}

/** All beside the files that a build depends on. */
export function recipe(args: ImageArgs): readonly string[] {
  const { args: values } = args.build ?? {}
  return [...options(args), ...Object.entries(dict(values)).map(([name, value]) => `${name}=${String(value)}`)]
}

/** What changes the outcome of a build beside its files, as options of `docker build`. */
function options({ build = {} }: ImageArgs): readonly string[] {
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

function dict(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function isName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && text !== 'PATH'
}

import { MlopsError } from '../errors.ts'

/** The name of an image, taken apart as the Docker Engine does it: short names are those of Docker Hub. */
export interface ImageReference {
  /** Host and port, such as `registry.example.org:5000`; `docker.io` is Docker Hub. */
  readonly registry: string
  /** Such as `team/predictor`; `library/node` for `node`. */
  readonly repository: string
  readonly tag: string | undefined
  /** `sha256:` and 64 hex digits. */
  readonly digest: string | undefined
}

export const DOCKER_HUB = 'docker.io'

/** Characters of names, tags and digests: the Distribution specification of OCI 1.1, "Pulling manifests". */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^sha256:[0-9a-f]{64}$/
const HOST = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/

/** Takes the name of an image apart. Throws `image.reference`. */
export function parseReference(text: string): ImageReference {
  const [named = '', digest, more] = text.split('@')
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const name = colon === -1 ? named : named.slice(0, colon)
  const tag = colon === -1 ? undefined : named.slice(colon + 1)
  const { registry, repository } = splitName(name)
  const wrong =
    more !== undefined || (digest !== undefined && !DIGEST.test(digest))
      ? 'a digest is sha256: and 64 hex digits'
      : tag !== undefined && !TAG.test(tag)
        ? 'a tag has letters, digits, `_`, `.` and `-`, at most 128, and begins with none of the last two'
        : !HOST.test(registry)
          ? 'what stands before the first `/` is no host'
          : !REPOSITORY.test(repository)
            ? 'names are lower-case letters and digits, with single `.`, `_` or `-` between them'
            : undefined
  if (wrong === undefined) return { registry, repository, tag, digest }
  throw new MlopsError('image.reference', `${JSON.stringify(text)} is not the name of an image: ${wrong}`, {
    hint: 'such as registry.example.org/team/predictor:3f2a9c1',
  })
}

/** Registry and repository, without tag and digest, as people write it. */
export function nameOf({ registry, repository }: ImageReference): string {
  if (registry !== DOCKER_HUB) return `${registry}/${repository}`
  return repository.replace(/^library\//, '')
}

/** The first part is a host when it could not be a folder: it has a dot or a port, is `localhost`, or upper case. */
function splitName(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()
  if (!isHost) return { registry: DOCKER_HUB, repository: slash === -1 ? `library/${name}` : name }
  const repository = name.slice(slash + 1)
  if (first !== DOCKER_HUB && first !== 'index.docker.io') return { registry: first, repository }
  return { registry: DOCKER_HUB, repository: repository.includes('/') ? repository : `library/${repository}` }
}

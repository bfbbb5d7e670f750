import { readFileSync } from 'node:fs'
import { MlopsError } from '../../errors.ts'
import { didYouMean } from '../../near.ts'
import type { Cloud } from './cloud.ts'
import { cloudError } from './cloud-errors.ts'
import type { HttpAnswer, HttpOptions, HttpRequest } from './http.ts'
import { type Retries, sendAgain } from './retries.ts'

export type Service = 'compute' | 'network' | 'image'

/** A token, who holds it, and what it opens. */
export interface Session {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly renewAt: number
  readonly userId: string
  readonly projectId: string
  readonly projectName: string
  /** Service → its address, with the version of its API. */
  readonly endpoints: Readonly<Record<Service, string>>
}

/** A token is renewed when it has less than this left. */
const MARGIN_MS = 120_000

/** How requests to a cloud are sent. */
export function httpOptions(cloud: Cloud): Omit<HttpOptions, 'signal'> {
  return { authorities: authoritiesOf(cloud), insecure: cloud.insecure, timeoutMs: 60_000 }
}

/**
 * Logs in at Keystone (v3). Throws `openstack.password` (nobody said one), `openstack.unauthorized`, `openstack.region`,
 * `openstack.no-service`.
 */
export async function logIn(cloud: Cloud, options: HttpOptions, retries: Retries): Promise<Session> {
  const request: HttpRequest = { method: 'POST', url: `${cloud.authUrl}/auth/tokens`, body: { auth: question(cloud) } }
  // asking for a token twice does no harm
  const answer = await sendAgain(request, options, { ...retries, repeatable: true, caFile: cloud.caFile })
  if (answer.status !== 201) throw refusal(cloud, request, answer)
  const token = answer.headers['x-subject-token']
  // Keystone's own JSON (API v3, "Password authentication with scoped authorization").
  const said = JSON.parse(answer.text) as { token: TokenBody }
  const { issued_at, expires_at, user, project, catalog } = said.token
  // by the cloud's clock alone: ours may be another
  const lifetimeMs = Date.parse(expires_at) - Date.parse(issued_at)
  if (typeof token !== 'string' || project === undefined || catalog === undefined) {
    throw new MlopsError('openstack.no-project', 'the cloud gave a token that opens no project', {
      hint: 'name the project that the servers belong to (OS_PROJECT_NAME)',
    })
  }
  return {
    token,
    renewAt: Date.now() + lifetimeMs - Math.min(MARGIN_MS, lifetimeMs / 2),
    userId: user.id,
    projectId: project.id,
    projectName: project.name,
    endpoints: endpointsOf(catalog, cloud),
  }
}

interface TokenBody {
  readonly issued_at: string
  readonly expires_at: string
  readonly user: { readonly id: string; readonly name: string }
  readonly project?: { readonly id: string; readonly name: string }
  readonly catalog?: readonly CatalogEntry[]
}

interface CatalogEntry {
  readonly type: string
  readonly endpoints: readonly {
    readonly interface: string
    readonly region_id?: string
    readonly region?: string
    readonly url: string
  }[]
}

function question({ identity, project }: Cloud): unknown {
  if (identity.kind === 'application-credential') {
    const { credential, secret } = identity
    return {
      identity: { methods: ['application_credential'], application_credential: { ...credential, secret } },
    }
  }
  const { user, password } = identity
  if (password === undefined) {
    throw new MlopsError('openstack.password', 'OS_PASSWORD is not set, and nobody is here to type it', {
      hint: 'source the RC file of your project, which asks for it',
    })
  }
  return { identity: { methods: ['password'], password: { user: { ...user, password } } }, scope: { project } }
}

/** Keystone says the same, whatever was wrong: so we say what we sent. */
function refusal(cloud: Cloud, request: HttpRequest, answer: HttpAnswer): MlopsError {
  if (answer.status === 401) {
    const { identity, project } = cloud
    if (identity.kind === 'application-credential') {
      return new MlopsError('openstack.unauthorized', 'the cloud does not accept the application credential', {
        hint: 'its id or its secret is wrong, or it has expired: it is shown only once, so make a new one',
      })
    }
    const who = 'name' in identity.user ? identity.user.name : identity.user.id
    const what = project && ('name' in project ? project.name : project.id)
    return new MlopsError('openstack.unauthorized', `the cloud does not let ${who} into project ${what}`, {
      hint: `the password is wrong, or one of user, project and their domains (${domains(cloud)}), or ${who} has no role in the project; the cloud does not say which`,
    })
  }
  if (answer.status === 404 || answer.status === 300) {
    return new MlopsError('openstack.no-identity', `there is no identity service at ${cloud.authUrl}`, {
      hint: 'correct OS_AUTH_URL, such as https://cloud.example.org:5000/v3',
    })
  }
  return cloudError(request, answer)
}

function domains({ identity, project }: Cloud): string {
  const names = [identity.kind === 'password' ? identity.user : undefined, project].flatMap(thing =>
    thing !== undefined && 'domain' in thing ? Object.values(thing.domain) : [],
  )
  return [...new Set(names)].join(', ')
}

const SERVICES: Readonly<Record<Service, { types: readonly string[]; version: string }>> = {
  compute: { types: ['compute'], version: '' },
  network: { types: ['network'], version: '/v2.0' },
  image: { types: ['image'], version: '/v2' },
}

function endpointsOf(catalog: readonly CatalogEntry[], cloud: Cloud): Session['endpoints'] {
  const regions = new Set(catalog.flatMap(entry => entry.endpoints.flatMap(one => one.region_id ?? one.region ?? [])))
  const region = cloud.region ?? (regions.size === 1 ? [...regions][0] : undefined)
  if (region === undefined || !regions.has(region)) {
    const all = `it has ${[...regions].join(', ')}`
    throw new MlopsError(
      'openstack.region',
      region === undefined ? 'the cloud has several regions' : `the cloud has no region ${region}`,
      {
        hint: region === undefined ? `${all}: say which with OS_REGION_NAME` : (didYouMean(region, regions) ?? all),
      },
    )
  }
  const find = (service: Service): string => {
    const { types, version } = SERVICES[service]
    const found = catalog
      .filter(entry => types.includes(entry.type))
      .flatMap(entry => entry.endpoints)
      .find(one => one.interface === cloud.interface && (one.region_id ?? one.region) === region)
    if (found === undefined) {
      throw new MlopsError(
        'openstack.no-service',
        `the cloud offers no ${service} service (${cloud.interface}, ${region})`,
        {
          hint: 'ask its operator, or correct OS_REGION_NAME and OS_INTERFACE',
        },
      )
    }
    const url = found.url.replace(/\/+$/, '')
    return /\/v\d+(\.\d+)?(\/[^/]+)?$/.test(url) ? url : `${url}${version}`
  }
  return { compute: find('compute'), network: find('network'), image: find('image') }
}

function authoritiesOf({ caFile }: Cloud): string | undefined {
  if (caFile === undefined) return undefined
  try {
    return readFileSync(caFile, 'utf8')
  } catch (cause) {
    throw new MlopsError('openstack.certificate', `the certificates in ${caFile} cannot be read`, {
      hint: 'correct OS_CACERT, or `cacert` in clouds.yaml',
      cause,
    })
  }
}

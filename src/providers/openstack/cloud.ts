import { cloudFromFile, findCloudsFile } from './clouds-file.ts'
import { type Environment, fromVariables } from './rc-variables.ts'

/** A domain of the identity service: a name or an id. */
export type Domain = { readonly name: string } | { readonly id: string }

/** Who asks. */
export type Identity =
  | {
      readonly kind: 'password'
      readonly user: { readonly name: string; readonly domain: Domain } | { readonly id: string }
      /** undefined: not known yet. */
      readonly password: string | undefined
    }
  | {
      readonly kind: 'application-credential'
      readonly credential:
        | { readonly id: string }
        | {
            readonly name: string
            readonly user: { readonly name: string; readonly domain: Domain } | { readonly id: string }
          }
      readonly secret: string
    }

/** Which cloud, and as whom. */
export interface Cloud {
  /** Ends in `/v3`. */
  readonly authUrl: string
  readonly identity: Identity
  /** undefined: an application credential has its own. */
  readonly project: { readonly name: string; readonly domain: Domain } | { readonly id: string } | undefined
  /** undefined: the only one there is. */
  readonly region: string | undefined
  readonly interface: 'public' | 'internal' | 'admin'
  /** File of the authorities that sign the services' certificates (PEM). */
  readonly caFile: string | undefined
  readonly insecure: boolean
  /** Where this was said, for people: `the OS_* variables`, `cloud lab of clouds.yaml`. */
  readonly source: string
}

/** What of `mlops.yml` and the command line decides about the cloud. */
export interface CloudChoice {
  readonly cloud: string | undefined
  readonly region: string | undefined
}

/**
 * The cloud that is meant: one of clouds.yaml that is named, else that of the OS_* variables, else the only one of
 * clouds.yaml. Throws all that is missing at once (`openstack.credentials`, `openstack.cloud`).
 */
export function chooseCloud(choice: CloudChoice, environment: Environment): Cloud {
  // RC files export what was left empty, too
  const said = (variable: string) => environment[variable] || undefined
  const name = choice.cloud ?? said('OS_CLOUD')
  const region = choice.region ?? said('OS_REGION_NAME')
  const useFile = name !== undefined || (said('OS_AUTH_URL') === undefined && findCloudsFile(environment))
  const cloud = useFile ? cloudFromFile(name, environment) : fromVariables(environment)
  return {
    ...cloud,
    identity: withPassword(cloud.identity, environment),
    region: choice.region ?? cloud.region ?? region,
  }
}

/** A password may be left out of clouds.yaml, and typed. */
function withPassword(identity: Identity, environment: Environment): Identity {
  if (identity.kind !== 'password' || identity.password !== undefined) return identity
  const password = environment['OS_PASSWORD']
  return { ...identity, password: password === '' ? undefined : password }
}

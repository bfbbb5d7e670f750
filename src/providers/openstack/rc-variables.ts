import { MlopsError, throwAll } from '../../errors.ts'
import type { Cloud, Domain, Identity } from './cloud.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The settings of a cloud by openstacksdk's names (`auth_url`, `project_name` …); empty ones are absent. */
export type CloudWords = Readonly<Record<string, string | undefined>>

const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  auth_url: ['OS_AUTH_URL'],
  auth_type: ['OS_AUTH_TYPE'],
  username: ['OS_USERNAME'],
  user_id: ['OS_USER_ID'],
  password: ['OS_PASSWORD'],
  user_domain_name: ['OS_USER_DOMAIN_NAME'],
  user_domain_id: ['OS_USER_DOMAIN_ID'],
  project_name: ['OS_PROJECT_NAME', 'OS_TENANT_NAME'],
  project_id: ['OS_PROJECT_ID', 'OS_TENANT_ID'],
  project_domain_name: ['OS_PROJECT_DOMAIN_NAME'],
  project_domain_id: ['OS_PROJECT_DOMAIN_ID'],
  application_credential_id: ['OS_APPLICATION_CREDENTIAL_ID'],
  application_credential_name: ['OS_APPLICATION_CREDENTIAL_NAME'],
  application_credential_secret: ['OS_APPLICATION_CREDENTIAL_SECRET'],
  region_name: ['OS_REGION_NAME'],
  interface: ['OS_INTERFACE', 'OS_ENDPOINT_TYPE'],
  identity_api_version: ['OS_IDENTITY_API_VERSION'],
  cacert: ['OS_CACERT'],
  insecure: ['OS_INSECURE'],
}

/** The cloud that an RC file has put into the environment. Throws `openstack.credentials` with all that is missing. */
export function fromVariables(environment: Environment): Cloud {
  const words = Object.fromEntries(
    Object.entries(VARIABLES).map(([word, names]) => [
      word,
      names.map(name => environment[name]).find(value => value !== undefined && value !== ''),
    ]),
  )
  return cloudOf(words, {
    source: 'the OS_* variables',
    label: word => VARIABLES[word]?.[0] ?? word,
    hint: 'source the RC file of your project (`. PROJECT-openrc.sh`), or name a cloud of clouds.yaml with --cloud',
  })
}

/** How a source of settings speaks of them. */
export interface Wording {
  readonly source: string
  readonly label: (word: string) => string
  readonly hint: string
}

/** A cloud from its settings. Throws `openstack.credentials` with all that is missing or cannot be used. */
export function cloudOf(words: CloudWords, { source, label, hint }: Wording): Cloud {
  const credential = words['application_credential_id'] !== undefined || /application/.test(words['auth_type'] ?? '')
  const missing = [
    ...(words['auth_url'] === undefined ? [`${label('auth_url')} (the address of the identity service)`] : []),
    ...(credential ? missingOfCredential(words, label) : missingOfPassword(words, label)),
  ]
  const errors: MlopsError[] = []
  if (missing.length > 0) {
    errors.push(new MlopsError('openstack.credentials', `${source} lack ${listed(missing)}`, { hint }))
  }
  const url = words['auth_url']?.replace(/\/+$/, '') ?? ''
  if (/\/v2(\.0)?$/.test(url) || /^2/.test(words['identity_api_version'] ?? '')) {
    errors.push(
      new MlopsError('openstack.identity-version', `${source} ask for version 2 of the identity service`, {
        hint: `mlops speaks version 3: write ${label('auth_url')} without /v2.0 and ${label('identity_api_version')} as 3`,
      }),
    )
  } else if (url !== '' && !/^https?:\/\/./.test(url)) {
    errors.push(
      new MlopsError('openstack.credentials', `${label('auth_url')} is no address: ${url}`, {
        hint: 'such as https://cloud.example.org:5000/v3',
      }),
    )
  }
  throwAll(errors)
  return {
    authUrl: /\/v3$/.test(url) ? url : `${url}/v3`,
    identity: credential ? credentialOf(words) : passwordOf(words),
    project: credential ? undefined : projectOf(words),
    region: words['region_name'],
    interface: interfaceOf(words['interface']),
    caFile: words['cacert'],
    insecure: /^(1|true|yes)$/i.test(words['insecure'] ?? ''),
    source,
  }
}

type Label = (word: string) => string

function missingOfPassword(words: CloudWords, label: Label): string[] {
  const missing: string[] = []
  if (words['username'] === undefined && words['user_id'] === undefined)
    missing.push(`${label('username')} (who you are)`)
  if (words['project_name'] === undefined && words['project_id'] === undefined) {
    missing.push(`${label('project_name')} (the project that the servers belong to)`)
  }
  return missing
}

function missingOfCredential(words: CloudWords, label: Label): string[] {
  const missing: string[] = []
  if (words['application_credential_secret'] === undefined) missing.push(label('application_credential_secret'))
  if (words['application_credential_id'] === undefined) {
    if (words['application_credential_name'] === undefined) missing.push(label('application_credential_id'))
    else if (words['username'] === undefined && words['user_id'] === undefined)
      missing.push(`${label('username')} (a credential that is named belongs to a user)`)
  }
  return missing
}

function passwordOf(words: CloudWords): Identity {
  return { kind: 'password', user: userOf(words), password: words['password'] }
}

function credentialOf(words: CloudWords): Identity {
  const id = words['application_credential_id']
  return {
    kind: 'application-credential',
    credential: id === undefined ? { name: words['application_credential_name'] ?? '', user: userOf(words) } : { id },
    secret: words['application_credential_secret'] ?? '',
  }
}

function userOf(words: CloudWords): { name: string; domain: Domain } | { id: string } {
  const id = words['user_id']
  if (id !== undefined && words['username'] === undefined) return { id }
  return { name: words['username'] ?? '', domain: domainOf(words, 'user', 'project') }
}

function projectOf(words: CloudWords): Cloud['project'] {
  const id = words['project_id']
  return id === undefined ? { name: words['project_name'] ?? '', domain: domainOf(words, 'project', 'user') } : { id }
}

/** Where only one of the two domains is said, it is that of both; where none is, Keystone's first. */
function domainOf(words: CloudWords, whose: string, other: string): Domain {
  for (const owner of [whose, other]) {
    const name = words[`${owner}_domain_name`]
    if (name !== undefined) return { name }
    const id = words[`${owner}_domain_id`]
    if (id !== undefined) return { id }
  }
  return { id: 'default' }
}

function interfaceOf(word: string | undefined): Cloud['interface'] {
  const bare = word?.replace(/URL$/, '')
  return bare === 'internal' || bare === 'admin' ? bare : 'public'
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { explain, MlopsError } from '../../errors.ts'
import { type Cloud, chooseCloud } from './cloud.ts'

const none = { cloud: undefined, region: undefined }
const HOME = '/nonexistent'

function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'mlops-clouds-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof MlopsError) return explain(error)
    throw error
  }
  return 'accepted'
}

const lab = {
  HOME,
  OS_AUTH_URL: 'https://cloud.example.org:5000/v3',
  OS_USERNAME: 's1',
  OS_PASSWORD: 'secret',
  OS_PROJECT_NAME: 'course',
}

test('a variable that is empty says nothing', () => {
  const empty = { OS_CLOUD: '', OS_REGION_NAME: '', OS_PROJECT_ID: '', OS_CACERT: '' }
  const domains = { OS_USER_DOMAIN_ID: 'default', OS_PROJECT_DOMAIN_ID: 'default' }
  expect(chooseCloud(none, { ...lab, ...domains, ...empty })).toEqual(chooseCloud(none, { ...lab, ...domains }))
})

test.each<[string, Record<string, string>, Partial<Cloud>]>([
  [
    'names of domains',
    { OS_USER_DOMAIN_NAME: 'snic', OS_PROJECT_DOMAIN_NAME: 'snic', OS_REGION_NAME: 'east' },
    {
      identity: { kind: 'password', user: { name: 's1', domain: { name: 'snic' } }, password: 'secret' },
      project: { name: 'course', domain: { name: 'snic' } },
      region: 'east',
    },
  ],
  [
    "the lab's own mixture of a name and an id",
    { OS_USER_DOMAIN_NAME: 'snic', OS_PROJECT_DOMAIN_ID: 'd7f' },
    {
      identity: { kind: 'password', user: { name: 's1', domain: { name: 'snic' } }, password: 'secret' },
      project: { name: 'course', domain: { id: 'd7f' } },
    },
  ],
  [
    'one domain for both',
    { OS_PROJECT_DOMAIN_ID: 'd7f' },
    { identity: { kind: 'password', user: { name: 's1', domain: { id: 'd7f' } }, password: 'secret' } },
  ],
  [
    'no domain',
    {},
    {
      identity: { kind: 'password', user: { name: 's1', domain: { id: 'default' } }, password: 'secret' },
      project: { name: 'course', domain: { id: 'default' } },
    },
  ],
  ['the id of a project', { OS_PROJECT_ID: 'p1' }, { project: { id: 'p1' } }],
  ['the older word tenant', { OS_PROJECT_NAME: '', OS_TENANT_ID: 't1' }, { project: { id: 't1' } }],
  ['an address without a version', { OS_AUTH_URL: 'http://a:5000/' }, { authUrl: 'http://a:5000/v3' }],
  ['the older word for the interface', { OS_ENDPOINT_TYPE: 'internalURL' }, { interface: 'internal' }],
  ['authorities of their own', { OS_CACERT: '/etc/ca.pem' }, { caFile: '/etc/ca.pem' }],
])('an RC file may have %s', (_, more, expected) => {
  expect(chooseCloud(none, { ...lab, ...more })).toMatchObject(expected)
})

test('an application credential needs neither user nor project', () => {
  const environment = {
    HOME,
    OS_AUTH_URL: 'http://a/v3',
    OS_APPLICATION_CREDENTIAL_ID: 'c1',
    OS_APPLICATION_CREDENTIAL_SECRET: 's',
  }
  expect(chooseCloud(none, environment)).toMatchObject({
    identity: { kind: 'application-credential', credential: { id: 'c1' }, secret: 's' },
    project: undefined,
  })
})

test('all variables that are missing are told at once, in words', () => {
  expect(refusal(() => chooseCloud(none, { HOME, OS_PASSWORD: 'secret' }))).toBe(
    `error: the OS_* variables lack OS_AUTH_URL (the address of the identity service), OS_USERNAME (who you are) and OS_PROJECT_NAME (the project that the servers belong to)
hint: source the RC file of your project (\`. PROJECT-openrc.sh\`), or name a cloud of clouds.yaml with --cloud`,
  )
})

test('version 2 of the identity service is refused', () => {
  expect(refusal(() => chooseCloud(none, { ...lab, OS_AUTH_URL: 'http://a:5000/v2.0' }))).toMatch(
    /^error: the OS_\* variables ask for version 2 of the identity service\n/,
  )
})

test('a cloud of clouds.yaml is found by its name, with the secrets of secure.yaml', () => {
  const path = folder({
    'clouds.yaml': `clouds:
  lab:
    auth: { auth_url: 'http://lab:5000', username: s1, project_name: course, user_domain_name: snic }
    region_name: east
    interface: internal
    cacert: ca.pem
  other: { auth_type: v3applicationcredential, auth: { auth_url: 'http://o/v3', application_credential_id: c1 }, verify: false }
`,
    'secure.yaml': `clouds:
  lab: { auth: { password: 1234 } }
  other: { auth: { application_credential_secret: s } }
`,
  })
  const environment = {
    HOME,
    OS_CLIENT_CONFIG_FILE: join(path, 'clouds.yaml'),
    OS_CLIENT_SECURE_FILE: join(path, 'secure.yaml'),
  }
  expect(chooseCloud({ cloud: 'lab', region: undefined }, environment)).toMatchObject({
    authUrl: 'http://lab:5000/v3',
    identity: { user: { name: 's1', domain: { name: 'snic' } }, password: '1234' },
    project: { name: 'course', domain: { name: 'snic' } },
    region: 'east',
    interface: 'internal',
    caFile: join(path, 'ca.pem'),
  })
  expect(chooseCloud(none, { ...environment, OS_CLOUD: 'other' })).toMatchObject({
    identity: { credential: { id: 'c1' }, secret: 's' },
    insecure: true,
  })
  expect(refusal(() => chooseCloud({ cloud: 'lob', region: undefined }, environment))).toContain(
    'clouds.yaml has no cloud lob',
  )
  expect(refusal(() => chooseCloud({ cloud: 'lob', region: undefined }, environment))).toContain('did you mean `lab`?')
})

test('what a cloud of clouds.yaml lacks is told by the names that stand there', () => {
  const path = folder({ 'clouds.yaml': 'clouds: { lab: { auth: { username: s1 } } }\n' })
  const environment = { HOME, OS_CLIENT_CONFIG_FILE: join(path, 'clouds.yaml') }
  expect(refusal(() => chooseCloud(none, environment))).toMatch(
    /^error: the settings of cloud lab lack auth_url \(.*\) and project_name \(.*\)\n/,
  )
})

test('a password that nobody wrote down may stand in OS_PASSWORD', () => {
  const path = folder({
    'clouds.yaml': 'clouds: { lab: { auth: { auth_url: http://a, username: s1, project_name: p } } }\n',
  })
  const environment = { HOME, OS_CLIENT_CONFIG_FILE: join(path, 'clouds.yaml'), OS_PASSWORD: 'typed' }
  expect(chooseCloud(none, environment)).toMatchObject({ identity: { password: 'typed' } })
})

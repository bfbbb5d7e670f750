/** A run of `mlops provision` that ends badly. It is run for real and recorded, and replayed in the fast tests. */
export interface Scenario {
  /** Of the recording, and of the test. */
  readonly name: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly servers?: readonly string[]
  readonly variables?: Readonly<Record<string, string>>
  /** All of this is said. */
  readonly says: readonly string[]
}

/** Runs that a cloud refuses before anything is made. */
export const refusals: readonly Scenario[] = [
  {
    name: 'wrong-password',
    settings: {},
    variables: { OS_PASSWORD: 'a-wrong-one' },
    says: ['the cloud does not let demo into project demo'],
  },
  {
    name: 'unknown-project',
    settings: {},
    variables: { OS_PROJECT_NAME: 'dmo' },
    says: ['the cloud does not let demo into project dmo'],
  },
  {
    name: 'unknown-region',
    settings: {},
    variables: { OS_REGION_NAME: 'RegionTwo' },
    says: ['the cloud has no region RegionTwo', 'did you mean `RegionOne`?'],
  },
  {
    name: 'unknown-names',
    settings: { image: 'debian-21', flavor: 'ssc.smal', network: 'demo-nett', floating_ip: 'publik' },
    says: [
      'the cloud has no image debian-21',
      'did you mean `debian-12`?',
      'the cloud has no flavor ssc.smal',
      'did you mean `ssc.small`?',
      'the cloud has no network demo-nett',
      'did you mean `demo-net`?',
      'the cloud has no external network publik',
      'did you mean `public`?',
    ],
  },
  {
    name: 'quota',
    settings: {},
    servers: Array.from({ length: 9 }, (_, i) => `server${i + 1}`),
    says: [
      'project demo may have 8 servers and uses 0: there is no room for 9 more',
      'project demo may have 16 processors and uses 0: there is no room for 18 more',
      'project demo may have 16384 MB of memory and uses 0: there is no room for 18432 more',
    ],
  },
]

/** Runs that end badly in the midst of their work, in a cloud that was prepared for it; what was made is removed. */
export const failures: readonly Scenario[] = [
  {
    name: 'no-host',
    settings: { flavor: 'ssc.impossible' },
    servers: ['prodserver'],
    says: ['prodserver could not be made: No valid host was found.'],
  },
  {
    name: 'network-gone',
    settings: { network: 'brief', flavor: 'ssc.small' },
    servers: ['prodserver'],
    says: ['Network <id> could not be found.'],
  },
  {
    name: 'no-route',
    settings: { network: 'lonely', flavor: 'ssc.small', floating_ip: true },
    servers: ['prodserver'],
    says: ['no router leads from network lonely to the outside'],
  },
]

/** The mlops.yml of a project named `lab`. JSON is YAML too. */
export function projectFile(
  settings: Readonly<Record<string, unknown>>,
  servers: readonly string[] = ['prodserver', 'devserver'],
): string {
  const file = {
    name: 'lab',
    provider: 'openstack',
    openstack: settings,
    servers: Object.fromEntries(servers.map(name => [name, {}])),
  }
  return `${JSON.stringify(file, undefined, 2)}\n`
}

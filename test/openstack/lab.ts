import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const state = process.env['MLOPS_TEST_OPENSTACK'] ?? join(tmpdir(), 'mlops-test-openstack')
const recordings = join(import.meta.dirname, 'recorded')
const script = join(import.meta.dirname, 'cloud.sh')

/** The cloud's own RC file: what a user of it sources. */
export function rcVariables(file: 'openrc' | 'admin-openrc' = 'openrc'): Record<string, string> {
  const lines = readFileSync(join(state, file), 'utf8').matchAll(/^export (\w+)=(.*)$/gm)
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]))
}

/** Where a recording of this name is kept. */
export function recordingFile(name: string): string {
  return join(recordings, `${name}.json`)
}

/** Runs `cloud.sh`, which says what it does on our standard error. Rejects when it fails. */
export async function cloud(command: 'up' | 'down' | 'status'): Promise<void> {
  const running = promisify(execFile)(script, [command])
  if (command !== 'status') running.child.stderr?.pipe(process.stderr)
  await running
}

/** No OS_* variable of who runs the tests decides anything. */
export function withoutCloud(environment: NodeJS.ProcessEnv): Record<string, string> {
  const names = Object.keys(environment).filter(name => name.startsWith('OS_'))
  return Object.fromEntries(names.map(name => [name, '']))
}

/** Speaks to the services themselves, past the program. */
export class Operator {
  readonly #token: string
  readonly #urls: ReadonlyMap<string, string>
  readonly userId: string
  readonly projectId: string

  private constructor(header: string, token: Token['token'], identity: string) {
    this.#token = header
    this.userId = token.user.id
    this.projectId = token.project.id
    const urls = new Map(token.catalog.map(entry => [entry.type, entry.endpoints[0]?.url ?? '']))
    urls.set('identity', identity)
    urls.set('image', `${urls.get('image')}/v2`)
    urls.set('network', `${urls.get('network')}/v2.0`)
    this.#urls = urls
  }

  static async login(rc: Readonly<Record<string, string>>): Promise<Operator> {
    const domain = { id: 'default' }
    const user = { name: rc['OS_USERNAME'], password: rc['OS_PASSWORD'], domain }
    const answer = await fetch(`${rc['OS_AUTH_URL']}/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: { methods: ['password'], password: { user } },
          scope: { project: { name: rc['OS_PROJECT_NAME'], domain } },
        },
      }),
    })
    const { token } = (await answer.json()) as Token
    return new Operator(answer.headers.get('x-subject-token') ?? '', token, rc['OS_AUTH_URL'] ?? '')
  }

  /** The parsed answer. `any`: each test knows what it asked for. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of five services
  async call(method: string, service: string, path: string, body?: unknown): Promise<any> {
    const answer = await fetch(`${this.#urls.get(service)}${path}`, {
      method,
      headers: { 'X-Auth-Token': this.#token, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${service} ${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

/** What the project has that `mlops` makes: servers, floating IPs, key pairs and security groups of its own. */
export async function leftovers(demo: Operator): Promise<string[]> {
  const { servers } = await demo.call('GET', 'compute', '/servers')
  const { floatingips } = await demo.call('GET', 'network', '/floatingips')
  const { keypairs } = await demo.call('GET', 'compute', '/os-keypairs')
  const { security_groups: groups } = await demo.call('GET', 'network', '/security-groups')
  return [
    ...servers.map((one: { name: string }) => one.name),
    ...floatingips.map((one: { floating_ip_address: string }) => one.floating_ip_address),
    ...keypairs.map((one: { keypair: { name: string } }) => one.keypair.name),
    ...groups.map((one: { name: string }) => one.name).filter((name: string) => name !== 'default'),
  ]
}

interface Token {
  readonly token: {
    readonly user: { readonly id: string }
    readonly project: { readonly id: string }
    readonly catalog: readonly { readonly type: string; readonly endpoints: readonly { readonly url: string }[] }[]
  }
}

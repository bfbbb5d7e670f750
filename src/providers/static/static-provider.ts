import { existsSync } from 'node:fs'
import type { Project, ServerSpec } from '../../project/project.ts'
import type { Problem, Provider, Removal, Server, ServerPlan } from '../provider.ts'

/** Servers that exist already: nothing is made and nothing removed, they are only written down. */
export class StaticProvider implements Provider {
  readonly #specs: readonly ServerSpec[]

  constructor(project: Project) {
    this.#specs = project.servers.filter(spec => spec.provider === 'static')
  }

  async preflight(names: readonly string[]): Promise<readonly Problem[]> {
    return this.#named(names).flatMap(problemsOf)
  }

  async plan(names: readonly string[]): Promise<readonly ServerPlan[]> {
    return this.#named(names).map(spec => ({ server: spec.name, action: 'keep', address: spec.address ?? '' }))
  }

  async create(): Promise<void> {}

  async list(): Promise<readonly Server[]> {
    return this.#specs.map(spec => ({
      name: spec.name,
      provider: 'static',
      address: spec.address ?? '',
      port: spec.port,
      user: spec.user,
      hostKey: spec.hostKey,
      privateKeyFile: spec.privateKeyFile,
      image: undefined,
      state: 'ready',
      createdAt: undefined,
    }))
  }

  async removals(): Promise<readonly Removal[]> {
    return []
  }

  async destroy(): Promise<void> {}

  #named(names: readonly string[]): ServerSpec[] {
    return this.#specs.filter(spec => names.includes(spec.name))
  }
}

function problemsOf(spec: ServerSpec): Problem[] {
  const problems: Problem[] = []
  if (spec.privateKeyFile !== undefined && !existsSync(spec.privateKeyFile)) {
    problems.push({
      code: 'static.no-key',
      severity: 'error',
      message: `${spec.name}: the private key ${spec.privateKeyFile} does not exist`,
      hint: 'correct `private_key`, or leave it out to use your ssh-agent and ~/.ssh',
    })
  }
  if (spec.hostKey === undefined) {
    problems.push({
      code: 'static.no-host-key',
      severity: 'warning',
      message: `${spec.name}: mlops.yml has no \`host_key\`, so ~/.ssh/known_hosts must hold it`,
      hint: 'copy the line of /etc/ssh/ssh_host_ed25519_key.pub on that server: asking the network for it would trust whoever answers',
    })
  }
  return problems
}

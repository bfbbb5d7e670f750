import { type Command, Option } from 'commander'
import { MlopsError } from '../errors.ts'
import type { ProviderName } from '../project/project.ts'
import type { InitOptions } from './init-files.ts'

type Target = 'servers' | 'swarm' | 'kubernetes'

interface Flags {
  readonly name?: string
  readonly target: Target
  readonly provider?: ProviderName
  readonly image?: string
  readonly repo?: string
  readonly json?: boolean
}

/** `mlops init`: writes a commented `mlops.yml`, first-boot files and the main playbook into a folder. */
export function register(program: Command): void {
  program
    .command('init [folder]')
    .summary('Write an mlops.yml with cloud-init files and playbooks')
    .description(
      'Writes a commented mlops.yml, cloud-init files and the main playbook into a folder (default: this one): for a production and a development\n' +
        'server, for three servers that are a Docker Swarm, or for Kubernetes, and then mlops.yml alone.\n' +
        'What is there already is never overwritten: then nothing is written at all.',
    )
    .option('--name <name>', "the project's name (default: the folder's)")
    .addOption(
      new Option('--target <target>', 'what runs the application')
        .choices(['servers', 'swarm', 'kubernetes'])
        .default('servers'),
    )
    .addOption(
      new Option(
        '--provider <provider>',
        'docker makes servers as containers (default), qemu as virtual machines, openstack at a cloud, static uses servers that exist',
      ).choices(['docker', 'qemu', 'openstack', 'static']),
    )
    .option('--image <name>', 'for kubernetes: the name of the image, with its registry')
    .option('--repo <repository>', 'for kubernetes: the Git repository that is watched')
    .option('--json', 'as JSON')
    .action(run)
}

async function run(folder: string | undefined, flags: Flags): Promise<void> {
  const { initialize } = await import('./init-files.ts')
  const made = initialize(folder ?? '.', await optionsOf(flags))
  if (flags.json) process.stdout.write(`${JSON.stringify(made, null, 2)}\n`)
  else {
    const files = made.written.map(file => `${file}\n`).join('')
    process.stdout.write(`Written to ${made.folder}:\n${files}\nNext: ${next[flags.target]}\n`)
  }
}

const next: Readonly<Record<Target, string>> = {
  servers: 'mlops provision, then mlops play playbooks/configuration.yml',
  swarm: 'mlops provision, then mlops swarm apply',
  kubernetes: 'mlops train american --model-dir models/american, then mlops image build --push, then mlops deploy',
}

/** Throws `init.flags` for flags of the other target. */
async function optionsOf({ name, target, provider, image, repo }: Flags): Promise<InitOptions> {
  const wrong = target === 'kubernetes' ? { provider } : { image, repo }
  const words = Object.entries(wrong).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`]))
  if (words.length > 0) throw new MlopsError('init.flags', `${words.join(', ')} means nothing for target ${target}`)
  if (target === 'kubernetes') return { name, provider: undefined, image, repository: repo }
  return {
    name,
    target,
    provider: provider ?? 'docker',
    subnet: (provider ?? 'docker') === 'docker' ? await subnet() : undefined,
  }
}

/** One that is free as far as can be seen; without an engine nobody knows its networks yet. */
async function subnet(): Promise<string | undefined> {
  const { freeSubnet, ownCards, takenNetworks } = await import('../providers/docker/network.ts')
  return freeSubnet(await takenNetworks({ isLocal: true }).catch(() => ownCards()))
}

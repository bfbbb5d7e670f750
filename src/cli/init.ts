import { type Command, Option } from 'commander'
import type { ProviderName } from '../project/project.ts'

interface Flags {
  readonly name?: string
  readonly provider: ProviderName
  readonly json?: boolean
}

/** `mlops init`: writes a commented `mlops.yml`, first-boot files and the main playbook into a folder. */
export function register(program: Command): void {
  program
    .command('init [folder]')
    .summary('Write an mlops.yml with cloud-init files and playbooks')
    .description(
      'Writes a commented mlops.yml, cloud-init files and the main playbook into a folder (default: this one).\nWhat is there already is never overwritten: then nothing is written at all.',
    )
    .option('--name <name>', "the project's name (default: the folder's)")
    .addOption(
      new Option(
        '--provider <provider>',
        'docker makes servers as containers, qemu as virtual machines, openstack at a cloud, static uses servers that exist',
      )
        .choices(['docker', 'qemu', 'openstack', 'static'])
        .default('docker'),
    )
    .option('--json', 'as JSON')
    .action(run)
}

async function run(folder: string | undefined, { name, provider, json }: Flags): Promise<void> {
  const { initialize } = await import('./init-files.ts')
  const made = initialize(folder ?? '.', { name, provider, subnet: provider === 'docker' ? await subnet() : undefined })
  if (json) process.stdout.write(`${JSON.stringify(made, null, 2)}\n`)
  else {
    const files = made.written.map(file => `${file}\n`).join('')
    process.stdout.write(
      `Written to ${made.folder}:\n${files}\nNext: mlops provision, then mlops play playbooks/configuration.yml\n`,
    )
  }
}

/** One that is free as far as can be seen; without an engine nobody knows its networks yet. */
async function subnet(): Promise<string | undefined> {
  const { freeSubnet, ownCards, takenNetworks } = await import('../providers/docker/network.ts')
  return freeSubnet(await takenNetworks({ isLocal: true }).catch(() => ownCards()))
}

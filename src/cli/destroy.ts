import type { Command } from 'commander'
import type { Removal } from '../providers/provider.ts'
import { addVaultFlags } from './reach-flags.ts'

interface Flags {
  readonly project?: string
  readonly images?: boolean
  readonly yes?: boolean
  readonly json?: boolean
  readonly cloud?: string
  readonly expired?: boolean
}

/** `mlops destroy`: shows what provision made, asks, and removes it. */
export function register(program: Command): void {
  addVaultFlags(program.command('destroy [server...]'))
    .summary('Remove what provision made')
    .description(
      'Shows what provision made, asks, and removes it: all of it, or only the servers that are named. Nothing else is touched.',
    )
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('--images', 'the images that were made for servers, too')
    .option('--expired', 'only servers whose time of provision --ttl is over')
    .option('--cloud <name>', 'a cloud of clouds.yaml, for servers of provider openstack')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'as JSON; needs --yes')
    .action(run)
}

async function run(names: readonly string[], flags: Flags): Promise<void> {
  const [{ requireProject }, { withCloud }, { destroy, expired, findRemovals }, { showProgress }] = await Promise.all([
    import('../project/load.ts'),
    import('./cloud.ts'),
    import('../providers/provision.ts'),
    import('./progress.ts'),
  ])
  const project = await withCloud(requireProject(process.cwd(), flags.project), flags.cloud)
  const named = flags.expired ? await expired(project, names) : names
  // a name that is asked for is looked for; no name at all means everything
  const scope = { names: flags.expired || named.length > 0 ? named : undefined, images: flags.images === true }
  const found = await findRemovals(project, scope)
  const removals = [...found.values()].flat()
  if (removals.length > 0 && !(await agreed(removals, flags))) {
    process.stdout.write('Nothing was removed.\n')
    process.exitCode = 1
    return
  }
  const outcome = await showProgress('Removing', { quiet: flags.json === true }, async progress => {
    await destroy(project, found, progress)
    return 'done'
  })
  if (outcome === 'interrupted') process.exitCode = 99
  if (flags.json) process.stdout.write(`${JSON.stringify({ removed: removals }, null, 2)}\n`)
  else if (removals.length === 0) {
    const why = flags.expired ? 'no time is over' : `project ${project.name} has nothing here`
    process.stdout.write(`Nothing to do: ${why}.\n`)
  }
}

/** Shows what would go, and asks for a plain yes. */
async function agreed(removals: readonly Removal[], flags: Flags): Promise<boolean> {
  if (flags.yes) return true
  const { MlopsError } = await import('../errors.ts')
  if (flags.json || !process.stdin.isTTY) {
    throw new MlopsError(
      'destroy.unconfirmed',
      `${removals.length} things would be removed, and nobody is here to agree`,
      {
        hint: `they are ${removals.map(({ kind, name }) => lineOf({ kind, name })).join(', ')}; --yes removes them`,
      },
    )
  }
  process.stdout.write(`This goes, with all data in it:\n${removals.map(thing => `  ${lineOf(thing)}\n`).join('')}`)
  const { ask } = await import('./prompt.ts')
  return /^y(es)?$/i.test((await ask('Remove it? [y/N] ')).trim())
}

function lineOf({ kind, name, note }: Removal): string {
  return `${kind.replace('-', ' ')} ${name}${note === undefined ? '' : ` (${note})`}`
}

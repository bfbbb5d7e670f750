import type { Command } from 'commander'
import type { ServerAction } from '../providers/provider.ts'
import type { ProvisionResult } from '../providers/provision.ts'
import { addVaultFlags } from './reach-flags.ts'

interface Flags {
  readonly project?: string
  readonly json?: boolean
  readonly baked: boolean
}

/** `mlops provision`: makes the servers that are missing; run again, it changes nothing. */
export function register(program: Command): void {
  addVaultFlags(program.command('provision [server...]'))
    .summary('Make the servers of the project')
    .description(
      'Makes the servers of mlops.yml that are not there yet, or only those that are named, and writes their inventory.',
    )
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('--no-baked', 'begin with the images of mlops.yml, even where mlops bake made others')
    .option('--json', 'as JSON')
    .action(run)
}

async function run(names: readonly string[], flags: Flags): Promise<void> {
  const [{ requireProject }, { provision }, { connectionOpener }, { appendJournal }, { showProgress }] =
    await Promise.all([
      import('../project/load.ts'),
      import('../providers/provision.ts'),
      import('./open-connection.ts'),
      import('../project/state.ts'),
      import('./progress.ts'),
    ])
  const project = requireProject(process.cwd(), flags.project)
  const open = connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`))
  const start = Date.now()
  const outcome = await showProgress('Servers', { quiet: flags.json === true }, progress =>
    provision(project, names, { ...progress, open }, flags.baked ? {} : { baked: false }),
  )
  if (outcome === 'interrupted') {
    process.exitCode = 99
    process.stderr.write('interrupted: mlops provision goes on where it stopped\n')
    return
  }
  const changed = outcome.plans.some(plan => plan.action !== 'keep')
  if (changed) appendJournal(project, { at: start, command: 'provision', ms: Date.now() - start, exitStatus: 0 })
  if (flags.json) process.stdout.write(`${JSON.stringify({ changed, ...outcome }, null, 2)}\n`)
  else await show(outcome)
}

const WORDS: Readonly<Record<ServerAction, string>> = {
  create: 'made',
  replace: 'made again',
  start: 'started',
  finish: 'finished',
  keep: 'nothing to do',
}

async function show({ plans, servers, inventoryFile }: ProvisionResult): Promise<void> {
  const [{ table }, { relative }] = await Promise.all([import('../report/table.ts'), import('node:path')])
  const rows = plans.map(({ server, action }) => {
    const made = servers.find(one => one.name === server)
    const address = made && (made.port === 22 ? made.address : `${made.address}:${made.port}`)
    return [server, address ?? '', made?.user ?? '', made?.image ?? '', WORDS[action]]
  })
  process.stdout.write(
    table(
      ['SERVER', 'ADDRESS', 'USER', 'IMAGE', ''].map(title => ({ title })),
      rows,
    ),
  )
  process.stdout.write(`Inventory: ${relative(process.cwd(), inventoryFile)}\n`)
}

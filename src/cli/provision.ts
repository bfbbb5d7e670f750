import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ServerAction, ServerEvent } from '../providers/provider.ts'
import type { ProvisionResult } from '../providers/provision.ts'
import type { LabLines } from './lab-lines.ts'
import { addVaultFlags } from './reach-flags.ts'

interface Flags {
  readonly project?: string
  readonly json?: boolean
  readonly baked: boolean
  readonly cloud?: string
  readonly ttl?: number
  readonly output: 'progress' | 'lab'
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
    .option('--cloud <name>', 'a cloud of clouds.yaml, for servers of provider openstack')
    .option('--ttl <time>', 'mark the servers as needed for 8h, 3d … from now on', lifetime)
    .addOption(
      new Option('--output <form>', "progress, or lab: the lines of the lab's own scripts")
        .choices(['progress', 'lab'])
        .default('progress'),
    )
    .option('--json', 'as JSON')
    .action(run)
}

async function run(names: readonly string[], flags: Flags): Promise<void> {
  const [{ requireProject }, { withCloud }, { provision }, { connectionOpener }, { appendJournal }, { showProgress }] =
    await Promise.all([
      import('../project/load.ts'),
      import('./cloud.ts'),
      import('../providers/provision.ts'),
      import('./open-connection.ts'),
      import('../project/state.ts'),
      import('./progress.ts'),
    ])
  const project = await withCloud(requireProject(process.cwd(), flags.project), flags.cloud)
  if (project.servers.length === 0) throw (await import('./session.ts')).noInventory(project)
  const open = connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`))
  const start = Date.now()
  const lab = flags.output === 'lab' ? await labLines() : undefined
  const expiresAt = flags.ttl === undefined ? undefined : new Date(start + flags.ttl).toISOString()
  const quiet = flags.json === true || lab !== undefined
  let outcome: ProvisionResult | 'interrupted'
  try {
    outcome = await showProgress('Servers', { quiet }, progress => {
      const work = { ...progress, open, expiresAt, onServer: (event: ServerEvent) => lab?.on(event) }
      return provision(project, names, work, flags.baked ? {} : { baked: false })
    })
  } finally {
    lab?.end(project.servers.map(server => server.name))
  }
  if (outcome === 'interrupted') {
    process.exitCode = 99
    process.stderr.write('interrupted: mlops provision goes on where it stopped\n')
    return
  }
  const changed = outcome.plans.some(plan => plan.action !== 'keep')
  if (changed) appendJournal(project, { at: start, command: 'provision', ms: Date.now() - start, exitStatus: 0 })
  if (flags.json) process.stdout.write(`${JSON.stringify({ changed, ...outcome }, null, 2)}\n`)
  else if (lab === undefined) await show(outcome)
}

async function labLines(): Promise<LabLines> {
  const { LabLines } = await import('./lab-lines.ts')
  return new LabLines(line => process.stdout.write(`${line}\n`))
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90m`, `8h`, `3d`, in milliseconds. */
function lifetime(text: string): number {
  const [, count, unit = ''] = text.match(/^([1-9]\d{0,4})([mhd])$/) ?? []
  if (count === undefined) throw new InvalidArgumentError('It must be a number with m, h or d, such as 8h.')
  return Number(count) * (UNITS[unit] ?? 0)
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

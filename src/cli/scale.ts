import type { Command } from 'commander'
import type { Scaled, Wish } from '../services/scale.ts'
import { collect } from './reach-flags.ts'
import type { ReachFlags } from './session.ts'

interface Flags extends ReachFlags {
  readonly json?: boolean
}

/** `mlops scale worker=3`: through Compose on the server that runs the service; the number is remembered. */
export function register(program: Command): void {
  program
    .command('scale <service=number...>')
    .summary('Run more or fewer copies of a service')
    .description(
      'Runs more or fewer copies of services. Copies that go finish their job first; the next play keeps the number.',
    )
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('-i, --inventory <source>', 'another inventory than the one that provision wrote', collect)
    .option('--json', 'as JSON')
    .action(run)
}

async function run(words: readonly string[], flags: Flags): Promise<void> {
  const [
    { openSession, runOptions, requireProjectOf },
    { openLine },
    services,
    { connectionOpener },
    state,
    { throwAll },
  ] = await Promise.all([
    import('./session.ts'),
    import('../engine/line.ts'),
    import('../services/scale.ts'),
    import('./open-connection.ts'),
    import('../project/state.ts'),
    import('../errors.ts'),
  ])
  const session = openSession(flags)
  const project = requireProjectOf(session)
  const { wishes, errors } = services.readWishes(project, words)
  throwAll(errors)
  const start = Date.now()
  const options = runOptions(flags, session)
  const open = connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`))
  const scaled: Scaled[] = []
  for (const [server, theirs] of byServer(wishes)) {
    const line = await openLine(server, { inventory: session.inventory, options, open })
    try {
      scaled.push(
        ...(await services.scale(line, project, theirs, flags.json ? undefined : text => process.stderr.write(text))),
      )
    } finally {
      await line.close()
    }
  }
  state.rememberReplicas(project, Object.fromEntries(wishes.map(wish => [wish.service.name, wish.replicas])))
  const short = scaled.filter(row => row.after !== wishes.find(wish => wish.service.name === row.service)?.replicas)
  state.appendJournal(project, {
    at: start,
    command: 'scale',
    ms: Date.now() - start,
    exitStatus: short.length > 0 ? 2 : 0,
    scaled,
  })
  if (flags.json) process.stdout.write(`${JSON.stringify(scaled, null, 2)}\n`)
  else {
    const { table } = await import('../report/table.ts')
    process.stdout.write(
      table(
        ['SERVICE', 'SERVER', 'BEFORE', 'AFTER'],
        scaled.map(row => [row.service, row.server, String(row.before), String(row.after)]),
      ),
    )
    if (scaled.every(row => row.before === row.after)) process.stdout.write('Nothing to do.\n')
  }
  if (short.length > 0) process.exitCode = 2
}

function byServer(wishes: readonly Wish[]): Map<string, Wish[]> {
  const groups = new Map<string, Wish[]>()
  for (const wish of wishes) groups.set(wish.service.server, [...(groups.get(wish.service.server) ?? []), wish])
  return groups
}

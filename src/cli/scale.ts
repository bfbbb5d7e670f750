import type { Command } from 'commander'
import type { Scaled, Share } from '../services/scale.ts'
import { interruptSignal } from './interrupt.ts'
import { closeLines, openLines } from './on-server.ts'
import { addVaultFlags, collect } from './reach-flags.ts'
import type { ReachFlags } from './session.ts'

interface Flags extends ReachFlags {
  readonly json?: boolean
}

/** `mlops scale worker=3`: through Compose on the servers that run the service; the number is remembered. */
export function register(program: Command): void {
  addVaultFlags(program.command('scale <service=number...>'))
    .summary('Run more or fewer copies of a service')
    .description(
      'Runs more or fewer copies of services, as many on each of its servers. Copies that go finish their job first; the next play keeps the number.',
    )
    .option('--project <file>', 'the mlops.yml (default: found upwards from here)')
    .option('-i, --inventory <source>', 'another inventory than the one that provision wrote', collect)
    .option('--json', 'as JSON')
    .action(async (words: readonly string[], flags: Flags) => {
      const { clusterProject } = await import('./k8s-target.ts')
      const project = clusterProject(flags.project)
      if (project === undefined) {
        const { swarmProject } = await import('./swarm-target.ts')
        const inSwarm = swarmProject(flags.project)
        if (inSwarm === undefined) return await run(words, flags)
        const { scaleInSwarm } = await import('./swarm-scale.ts')
        process.exitCode = await scaleInSwarm(inSwarm, words, flags)
        return
      }
      const { scaleOnCluster } = await import('./k8s-scale.ts')
      process.exitCode = await scaleOnCluster(project, words, flags)
    })
}

async function run(words: readonly string[], flags: Flags): Promise<void> {
  const [
    { projectSession, runOptions },
    { openLine },
    services,
    { connectionOpener },
    state,
    { throwAll },
    { warnOfNone },
  ] = await Promise.all([
    import('./session.ts'),
    import('../engine/line.ts'),
    import('../services/scale.ts'),
    import('./open-connection.ts'),
    import('../project/state.ts'),
    import('../errors.ts'),
    import('./scale-warnings.ts'),
  ])
  const { session, project } = projectSession(flags)
  const { wishes, errors } = services.readWishes(project, words)
  throwAll(errors)
  warnOfNone(Object.fromEntries(wishes.map(({ service, replicas }) => [service.name, replicas])))
  const start = Date.now()
  const options = runOptions(flags, session)
  const open = connectionOpener(message => process.stderr.write(`[WARNING]: ${message}\n`))
  const interrupt = interruptSignal(() => process.stderr.write('\ninterrupted: ending what runs on the servers\n'))
  const { signal } = interrupt
  const onOutput = flags.json ? undefined : (text: string) => process.stderr.write(text)
  const shares = services.sharesByServer(wishes)
  const scaled: Scaled[] = []
  // All lines first: a server that cannot be reached is known before anything changes.
  const opened = await openLines([...shares.keys()], server =>
    openLine(server, { inventory: session.inventory, options, open, signal }),
  )
  try {
    const [problem] = opened.problems
    if (problem) throw problem
    for (const [server, line] of opened.lines) {
      if (signal.aborted) break
      scaled.push(...(await services.scale(line, project, shares.get(server) ?? [], { onOutput, signal })))
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    interrupt.done()
    await closeLines(opened)
  }
  const all = [...shares.values()].flat()
  const isShort = ({ service, server, replicas }: Share) =>
    !scaled.some(row => row.service === service.name && row.server === server && row.after === replicas)
  const short = new Set(all.filter(isShort).map(({ service }) => service.name))
  // Of an interrupted run only what was reached is kept: the next play must not go on with the rest.
  const kept = wishes.filter(({ service }) => !signal.aborted || !short.has(service.name))
  const numbers = kept.map(({ service, replicas }) => [service.name, replicas] as const)
  state.rememberReplicas(project, Object.fromEntries(numbers))
  const exitStatus = signal.aborted ? 99 : short.size > 0 ? 2 : 0
  state.appendJournal(project, { at: start, command: 'scale', ms: Date.now() - start, exitStatus, scaled })
  if (flags.json) process.stdout.write(`${JSON.stringify(scaled, null, 2)}\n`)
  else await show(scaled, signal.aborted)
  if (signal.aborted) process.stderr.write(left(all, scaled, words))
  process.exitCode = exitStatus
}

async function show(scaled: readonly Scaled[], interrupted: boolean): Promise<void> {
  const { table } = await import('../report/table.ts')
  process.stdout.write(
    table(
      ['SERVICE', 'SERVER', 'BEFORE', 'AFTER'],
      scaled.map(row => [row.service, row.server, String(row.before), String(row.after)]),
    ),
  )
  if (!interrupted && scaled.every(row => row.before === row.after)) process.stdout.write('Nothing to do.\n')
}

/** What an interrupted run leaves behind, a line a service and server. */
function left(shares: readonly Share[], scaled: readonly Scaled[], words: readonly string[]): string {
  const lines = shares.flatMap(({ service: { name, servers }, server, replicas }) => {
    const row = scaled.find(row => row.service === name && row.server === server)
    const what = servers.length > 1 ? `${name} on ${server}` : name
    if (row === undefined) return [`interrupted: ${what} was not looked at`]
    return row.after === replicas ? [] : [`interrupted: ${what} runs ${row.after} of ${replicas}`]
  })
  return lines.length === 0
    ? 'interrupted: all run as asked for\n'
    : `${lines.join('\n')}\nmlops scale ${words.join(' ')} goes on; the next play keeps the number from before\n`
}

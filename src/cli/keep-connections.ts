import { spawn } from 'node:child_process'
import { type Command, InvalidArgumentError } from 'commander'
import type { OpenConnection } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'

/** The process behind `--keep-connections`; runs start it, nobody else. */
export function register(program: Command): void {
  program
    .command('keep-connections', { hidden: true })
    .argument('<socket>')
    .action(async (socket: string) => {
      const { keepLines } = await import('../connection/keeper.ts')
      await keepLines(socket)
    })
}

/** Adds `--keep-connections`, which `MLOPS_KEEP_CONNECTIONS` says for every command. */
export function addKeepFlag(command: Command): Command {
  return command
    .option('--keep-connections <time>', 'leave SSH connections open for later runs: 60s, 10m', text => {
      if (milliseconds(text) === undefined) throw new InvalidArgumentError('It must be a time such as 60s, 10m or 1h.')
      return text
    })
    .hook('preAction', (_program, action) => {
      const { keepConnections } = action.opts()
      if (keepConnections !== undefined) process.env[VARIABLE] = keepConnections
    })
}

/** How long connections stay open behind a run; undefined: they end with it. */
export function keepTimeMs(): number | undefined {
  const asked = process.env[VARIABLE]
  if (!asked) return undefined
  const keepMs = milliseconds(asked)
  if (keepMs !== undefined) return keepMs
  throw new MlopsError('cli.keep-connections', `${VARIABLE} is no time: ${asked}`, { hint: 'such as 60s, 10m or 1h' })
}

/** Opens connections on lines that outlive the run. */
export async function keeping(
  keepMs: number,
  open: OpenConnection,
  warn: (message: string) => void,
): Promise<OpenConnection> {
  const [{ keptOpener }, { keeperSocket }] = await Promise.all([
    import('../connection/kept.ts'),
    import('../connection/kept-wire.ts'),
  ])
  const socket = keeperSocket(import.meta.filename)
  const program = process.argv[1]
  if (socket === undefined || program === undefined) {
    warn('connections are not kept: there is no folder that only you can reach')
    return open
  }
  const start = () =>
    spawn(process.execPath, [program, 'keep-connections', socket], { detached: true, stdio: 'ignore' }).unref()
  return keptOpener(open, { keepMs, socket, start, warn })
}

const VARIABLE = 'MLOPS_KEEP_CONNECTIONS'

function milliseconds(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d{1,5})([smh])?$/.exec(text) ?? []
  const ms = Number(number) * ({ s: 1000, m: 60_000, h: 3_600_000 }[unit] ?? Number.NaN)
  return ms > 0 && ms <= LONGEST_MS ? ms : undefined
}

const LONGEST_MS = 24 * 3_600_000

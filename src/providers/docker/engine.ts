import { MlopsError } from '../../errors.ts'
import { type CommandOptions, type CommandResult, lastLines, run } from '../command.ts'

/** Runs the Docker CLI; a failure is a result. */
export function tryDocker(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return run('docker', args, options)
}

/** Runs the Docker CLI and gives its stdout without the last line break. Throws `docker.failed` with the engine's words. */
export async function docker(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await tryDocker(args, options)
  if (result.status === 0) return result.stdout.trimEnd()
  throw new MlopsError('docker.failed', `docker ${args[0]} ${args[1] ?? ''} failed: ${lastLines(result.stderr, 3)}`)
}

/** The lines of a listing, empty ones left out. */
export async function dockerLines(args: readonly string[]): Promise<string[]> {
  return (await docker(args)).split('\n').filter(line => line !== '')
}

/** The parts of `docker info` that matter to us. */
export interface EngineInfo {
  readonly ServerVersion?: string
  readonly OperatingSystem?: string
  readonly OSType?: string
  readonly Architecture?: string
  readonly DockerRootDir?: string
  readonly SecurityOptions?: readonly string[] | null
  readonly ServerErrors?: readonly string[]
}

/** What the engine says of itself, or why it does not answer. */
export async function engineInfo(): Promise<EngineInfo | { readonly unreachable: string }> {
  const result = await tryDocker(['info', '--format', '{{json .}}'])
  const info = parse(result.stdout)
  const errors = info?.ServerErrors ?? []
  if (info?.ServerVersion && errors.length === 0) return info
  return { unreachable: errors.join('; ') || lastLines(result.stderr, 2) }
}

function parse(text: string): EngineInfo | undefined {
  try {
    // Docker's own JSON (API, SystemInfo); every field that we read is optional.
    return JSON.parse(text) as EngineInfo
  } catch {
    return undefined
  }
}

/** True when addresses of containers can be reached from here: the engine runs on this very Linux machine. */
export function isLocal(info: EngineInfo): boolean {
  const address = process.env['DOCKER_HOST'] ?? ''
  return (
    process.platform === 'linux' &&
    (address === '' || address.startsWith('unix:')) &&
    !(info.OperatingSystem ?? '').includes('Docker Desktop')
  )
}

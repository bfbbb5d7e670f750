import { type CommandOptions, type CommandResult, run } from '../providers/command.ts'

/** Who builds, keeps and pushes images on this machine, or where its settings point to. */
export interface Engine {
  readonly kind: 'docker' | 'podman'
  /** What is run: some systems call Podman `docker`. */
  readonly program: string
}

/** Docker where it is, else Podman. Throws `command.missing`. */
export async function findEngine(): Promise<Engine> {
  const docker = await versionOf('docker')
  if (docker === undefined && (await versionOf('podman')) !== undefined) return { kind: 'podman', program: 'podman' }
  return { kind: /podman/i.test(docker ?? '') ? 'podman' : 'docker', program: 'docker' }
}

/** Runs a command of the engine; a status other than 0 is a result. */
export function runEngine(
  { program }: Engine,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return run(program, args, options)
}

async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(program, ['--version'])
    return stdout + stderr
  } catch {
    return undefined
  }
}

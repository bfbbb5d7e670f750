import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Halt, Resume, RunResult } from '../engine/engine.ts'
import { MlopsError, reasonOf } from '../errors.ts'
import type { LoadedPlaybook } from '../playbook/load.ts'
import { stateFile } from '../project/state.ts'
import { makeFolder } from './output-folder.ts'
import type { Session } from './session.ts'

const VERSION = 1

type Halts = Readonly<Record<string, Halt>>

/** What the last runs of playbooks left undone: kept in the state of the project, else in that of the user. */
export class Leftovers {
  private readonly session: Session

  constructor(session: Session) {
    this.session = session
  }

  /** Undefined when the last run of the playbook left nothing undone. */
  of(loaded: LoadedPlaybook): Halts | undefined {
    if (!existsSync(this.folder)) return undefined
    const file = this.fileOf(loaded)
    let record: unknown
    try {
      record = JSON.parse(readFileSync(file, 'utf8'))
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
      throw new MlopsError('state.unreadable', `${file} cannot be read`, {
        cause,
        hint: 'it is written by mlops itself: move it away, and run the command again',
      })
    }
    return isRecord(record) ? record.hosts : undefined
  }

  /** For `RunOptions.resume`. Values that were not kept are said. */
  resume(loaded: LoadedPlaybook, passOver: boolean, warn: (message: string) => void): Resume | undefined {
    const hosts = this.of(loaded)
    if (hosts === undefined) return undefined
    if (passOver) {
      for (const [host, { lost, stopped }] of Object.entries(hosts)) {
        if (stopped && lost.length > 0)
          warn(`${host} goes on without ${lost.join(', ')}: what is secret, or no plain data, is not kept between runs`)
      }
    }
    return { passOver, hosts }
  }

  /** Writes down where hosts stand after a run; hosts that took no part keep what was written. */
  keep(loaded: LoadedPlaybook, { halts, exitStatus }: RunResult, warn: (message: string) => void): void {
    const others = Object.entries(this.of(loaded) ?? {}).filter(([host]) => !Object.hasOwn(halts, host))
    const hosts: Halts = { ...Object.fromEntries(others), ...(exitStatus === 0 ? {} : halts) }
    const isDone = !Object.values(hosts).some(({ stopped }) => stopped)
    if (isDone && !existsSync(this.folder)) return
    const file = this.fileOf(loaded)
    if (isDone) {
      rmSync(file, { force: true })
      return
    }
    const temporary = `${file}.${process.pid}.tmp`
    try {
      makeFolder(this.folder, 0o700)
      writeFileSync(temporary, JSON.stringify({ version: VERSION, hosts }), { mode: 0o600, flush: true })
      renameSync(temporary, file)
    } catch (cause) {
      rmSync(temporary, { force: true })
      warn(`--resume will not know of this run: ${file} cannot be written: ${reasonOf(cause)}`)
    }
  }

  /** One for each playbook and inventory. */
  private fileOf({ playbook }: LoadedPlaybook): string {
    const id = JSON.stringify([resolve(playbook.file), ...this.session.sources])
    return join(this.folder, `${createHash('sha256').update(id).digest('hex').slice(0, 16)}.json`)
  }

  private get folder(): string {
    const { project } = this.session
    if (project) return stateFile(project, 'resume')
    return join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'mlops', 'resume')
  }
}

function isRecord(value: unknown): value is { readonly hosts: Halts } {
  return (
    typeof value === 'object' && value !== null && 'version' in value && value.version === VERSION && 'hosts' in value
  )
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const app = fileURLToPath(new URL('../../', import.meta.url))

/** The program as it is shipped: bundled into a folder of the test's own, so that it is never an old one. */
export interface Program {
  readonly main: string
  remove(): void
}

export async function buildProgram(): Promise<Program> {
  const folder = packageFolder()
  const { bundle }: { bundle(outdir: string): Promise<void> } = await import(join(app, 'build.mjs'))
  await bundle(join(folder, 'dist'))
  return { main: join(folder, 'dist/main.js'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A copy of a program, to take something away from. */
export function copyProgram({ main }: Program): Program {
  const folder = packageFolder()
  cpSync(dirname(main), join(folder, 'dist'), { recursive: true })
  return { main: join(folder, 'dist/main.js'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function packageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'app-program-'))
  for (const name of ['data', 'models']) symlinkSync(join(app, name), join(folder, name))
  return folder
}

/** A running program with what it has said so far. */
export class Running {
  readonly process: ChildProcess
  #said = ''
  readonly #waiting = new Set<() => void>()

  constructor(program: Program, args: readonly string[], env: Record<string, string> = {}) {
    this.process = spawn(process.execPath, [program.main, ...args], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text
        for (const look of this.#waiting) look()
      })
    }
  }

  get said(): string {
    return this.#said
  }

  /** Resolves with the first match in what the program says; rejects when it ends without. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.#said)
        if (match === null) return
        this.#waiting.delete(look)
        resolve(match)
      }
      this.#waiting.add(look)
      this.process.once('close', code => {
        look()
        reject(new Error(`ended with ${code} before it said ${pattern}:\n${this.#said}`))
      })
      look()
    })
  }

  /** The exit status, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'close')
    return this.process.exitCode ?? this.process.signalCode
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    this.process.kill(signal)
    return await this.ended()
  }
}

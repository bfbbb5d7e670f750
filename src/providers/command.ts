import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { MlopsError } from '../errors.ts'

export interface CommandOptions {
  readonly input?: string | Uint8Array | Readable
  /** Added to our own environment. */
  readonly environment?: Readonly<Record<string, string>>
  readonly directory?: string
  /** Called with each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

export interface CommandResult {
  /** 128 + n for signal n is not told apart: a command ended by a signal has -1. */
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program of this machine; a status other than 0 is a result. Throws `command.missing` when it is not installed. */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(command, args, {
    cwd: options.directory,
    env: { ...process.env, ...options.environment },
    signal: options.signal,
    stdio: 'pipe',
  })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', cause => reject(isMissing(cause) ? missing(command, cause) : cause))
    child.once('close', status => resolve(status ?? -1))
  })
  feed(child.stdin, options.input ?? '')
  const [status, stdout, stderr] = await Promise.all([
    ended,
    collect(child.stdout, options.onLine),
    collect(child.stderr, options.onLine),
  ])
  return { status, stdout, stderr }
}

/** Runs a program and gives its stdout as a stream; `ended` rejects with its last words when it fails. */
export function stream(
  command: string,
  args: readonly string[],
  signal?: AbortSignal,
): { output: Readable; ended: Promise<void> } {
  const child = spawn(command, args, { signal, stdio: ['ignore', 'pipe', 'pipe'] })
  const words = collect(child.stderr, undefined)
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', cause => reject(isMissing(cause) ? missing(command, cause) : cause))
    child.once('close', async status => {
      if (status === 0) return resolve()
      reject(new MlopsError('command.failed', `${command} failed (status ${status}): ${lastLines(await words, 5)}`))
    })
  })
  return { output: child.stdout, ended }
}

/** The last lines of a text that hold something. */
export function lastLines(text: string, count: number): string {
  return text
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-count)
    .join('\n')
}

function feed(stdin: NodeJS.WritableStream, input: string | Uint8Array | Readable): void {
  // A program that ends before it has read everything says so by its status.
  if (typeof input === 'string' || input instanceof Uint8Array) {
    stdin.on('error', () => {})
    stdin.end(input)
  } else pipeline(input, stdin).catch(() => {})
}

async function collect(output: Readable, onLine: ((line: string) => void) | undefined): Promise<string> {
  output.setEncoding('utf8')
  let text = ''
  let rest = ''
  for await (const chunk of output) {
    text += chunk
    if (!onLine) continue
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(onLine)
  }
  if (rest !== '') onLine?.(rest)
  return text
}

function isMissing(cause: Error): boolean {
  return 'code' in cause && cause.code === 'ENOENT'
}

function missing(command: string, cause: Error): MlopsError {
  return new MlopsError('command.missing', `${command} is not installed`, {
    cause,
    hint: 'install it, or run scripts/engine.sh up in the folder of mlops',
  })
}

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { loadSettings } from '../../src/settings/settings.ts'

export const root = resolve(import.meta.dirname, '../..')
const bin = join(root, 'bin/mlops')
/** What runs remember of each other stays away from the home of who tests. */
const stateHome = join(tmpdir(), `mlops-test-state-${process.pid}`)
process.on('exit', () => rmSync(stateHome, { recursive: true, force: true }))

/** Whether what is tested looks ahead. With `MLOPS_LOOK_AHEAD=off` no command does, nor what plays in this process. */
export const { lookAhead: looksAhead } = loadSettings(process.env, root)

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What it reads; undefined: nothing is there. */
  readonly input?: string
  /** Called with the process once it runs. */
  readonly onStart?: (child: import('node:child_process').ChildProcess) => void
  /** Called with standard output as it comes. */
  readonly onOutput?: (text: string, child: import('node:child_process').ChildProcess) => void
}

/** Runs the program as its users do. */
export function mlops(args: readonly string[], { cwd, env, input, onStart, onOutput }: RunOptions = {}): Promise<Ran> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: cwd ?? root,
      env: { ...process.env, NO_COLOR: '1', COLUMNS: '', ANSIBLE_CONFIG: '', XDG_STATE_HOME: stateHome, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    child.stdin?.end(input)
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', chunk => {
      stdout += chunk
      onOutput?.(chunk, child)
    })
    child.stderr?.setEncoding('utf8').on('data', chunk => {
      stderr += chunk
    })
    child.on('error', fail)
    child.on('close', status => done({ status, stdout, stderr }))
    onStart?.(child)
  })
}

/** A folder with these files, removed after the test. */
export function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'mlops-test-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}

/** Plays a playbook on hosts that are all this machine, each under its own name. */
export async function playLocally(
  playbook: string,
  {
    hosts = ['one'],
    args = [],
    files = {},
    vars = '',
  }: {
    hosts?: readonly string[]
    args?: readonly string[]
    files?: Readonly<Record<string, string>>
    vars?: string
  } = {},
): Promise<Ran & { directory: string }> {
  const inventory = `${hosts.map(host => `${host} ansible_connection=local`).join('\n')}\n${vars}`
  const directory = folder({ 'site.yml': playbook, 'hosts.ini': inventory, ...files })
  return { ...(await mlops(['play', 'site.yml', '-i', 'hosts.ini', ...args], { cwd: directory })), directory }
}

/** The counters of the recap: host → counter → number. */
export function recap(stdout: string): Record<string, Record<string, number>> {
  const [, lines = ''] = stdout.split(/^PLAY RECAP \**$/m)
  return Object.fromEntries(
    [...lines.matchAll(/^(\S+)\s+: (ok=.*)$/gm)].map(([, host = '', counters = '']) => [
      host,
      Object.fromEntries(
        counters
          .trim()
          .split(/\s+/)
          .map(pair => [pair.split('=')[0], Number(pair.split('=')[1])]),
      ),
    ]),
  )
}

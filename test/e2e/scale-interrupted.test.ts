import { type ChildProcess, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ImageShop } from '../../src/providers/docker/images.ts'
import { mlops } from '../rig/mlops.ts'

// The server is this machine: Compose and its containers are real.
const name = `scale-${randomBytes(3).toString('hex')}`
const directory = mkdtempSync(join(tmpdir(), 'mlops-scale-'))

beforeAll(async () => {
  const image = await new ImageShop({ onStep: () => undefined, onWarning: () => undefined }).base('trixie')
  write('mlops.yml', [
    `name: ${name}`,
    'provider: static',
    'servers: { here: { address: 127.0.0.1 } }',
    'services: { worker: { server: here }, slow: { server: here } }',
    `app: { directory: ${directory}/app, compose_project: ${name} }`,
  ])
  write('hosts.ini', ['here ansible_connection=local'])
  const service = `image: ${image}, command: [sleep, "86400"], stop_signal: SIGKILL, network_mode: none`
  const health = 'healthcheck: { test: [CMD, test, -e, /ready], interval: 1s, retries: 100000 }'
  write('app/docker-compose.yml', [
    'services:',
    `  gate: { ${service}, ${health} }`,
    // Compose makes no worker before the gate is healthy, which it is not for now
    `  worker: { ${service}, depends_on: { gate: { condition: service_healthy } } }`,
    `  slow: { ${service}, ${health} }`,
  ])
  compose('up', '-d', 'gate', 'slow')
  compose('up', '-d', '--no-deps', 'worker')
})

afterAll(() => {
  compose('down', '--timeout', '0')
  rmSync(directory, { recursive: true, force: true })
})

test('Ctrl-C while Compose works ends it, says how many run, and remembers nothing', async () => {
  const { status, stdout, stderr } = await mlops(['scale', 'worker=3', '-i', 'hosts.ini'], {
    cwd: directory,
    onStart: interruptOnce(() => composeRuns()),
  })
  expect(status, stderr).toBe(99)
  expect(stdout).toMatch(/^worker +here +1 +1$/m)
  expect(stderr).toContain('interrupted: worker runs 1 of 3\nmlops scale worker=3 goes on; the next play keeps')
  expect(running('worker')).toBe(1)
  expect(remembered()).toEqual({})
  await expect.poll(() => composeRuns(), { timeout: 20_000 }).toBe(false)
})

test('Ctrl-C while new copies settle says that all run, and the number is kept', async () => {
  execFileSync('docker', ['exec', `${name}_gate_1`, 'touch', '/ready'])
  const { status, stdout, stderr } = await mlops(['scale', 'slow=2', '-i', 'hosts.ini', '--json'], {
    cwd: directory,
    onStart: interruptOnce(() => running('slow') === 2 && !composeRuns()),
  })
  expect(status, stderr).toBe(99)
  expect(JSON.parse(stdout)).toEqual([{ service: 'slow', server: 'here', before: 1, after: 2 }])
  expect(stderr).toContain('interrupted: all run as asked for\n')
  expect(remembered()).toEqual({ slow: 2 })
})

/** Presses Ctrl-C as soon as that is so. */
function interruptOnce(isSo: () => boolean): (child: ChildProcess) => void {
  return child => {
    const wait = setInterval(() => {
      if (!isSo()) return
      clearInterval(wait)
      child.kill('SIGINT')
    }, 200)
    child.once('exit', () => clearInterval(wait))
  }
}

function write(file: string, lines: readonly string[]): void {
  mkdirSync(join(directory, 'app'), { recursive: true })
  writeFileSync(join(directory, file), `${lines.join('\n')}\n`)
}

function compose(...args: readonly string[]): void {
  execFileSync('docker-compose', ['-p', name, ...args], { cwd: join(directory, 'app'), stdio: 'pipe' })
}

function running(service: string): number {
  const labels = [`com.docker.compose.project=${name}`, `com.docker.compose.service=${service}`]
  const ids = execFileSync('docker', ['ps', '-q', ...labels.flatMap(label => ['--filter', `label=${label}`])])
  return ids.toString().split('\n').length - 1
}

function composeRuns(): boolean {
  try {
    execFileSync('pgrep', ['-f', `compose.* -p ${name} `])
    return true
  } catch {
    return false
  }
}

function remembered(): unknown {
  const file = join(directory, '.mlops/replicas.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

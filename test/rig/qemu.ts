import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { loadProject } from '../../src/project/load.ts'
import type { Project, ServerSpec } from '../../src/project/project.ts'

/** Settings of machines that are enough for an empty disk, of which nothing boots. */
const SMALL = { image: 'empty.qcow2', memory: '64m', cpus: 1, disk: '1g', ports: [], accel: 'tcg' }

/** A project of two servers with an empty disk, in a folder and a network of its own; its cache, too. Removed after the test. */
export function trialProject(settings: Readonly<Record<string, unknown>> = {}): Project {
  // A comma means something to QEMU, and a long path does not fit into the name of a socket.
  const root = mkdtempSync(join(tmpdir(), 'mlops-qemu, '))
  const directory = join(root, 'a folder with a long name '.repeat(5))
  const cache = process.env['XDG_CACHE_HOME']
  process.env['XDG_CACHE_HOME'] = join(root, 'cache')
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true })
    if (cache === undefined) delete process.env['XDG_CACHE_HOME']
    else process.env['XDG_CACHE_HOME'] = cache
  })
  mkdirSync(directory)
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', join(directory, SMALL.image), '8M'])
  const file = join(directory, 'mlops.yml')
  const qemu = { ...SMALL, subnet: randomSubnet(), ...settings }
  writeFileSync(file, stringify({ name: 'trial', provider: 'qemu', qemu, servers: { one: null, two: null } }))
  return loadProject(file)
}

/** A network that hardly anybody else has. */
export function randomSubnet(): string {
  const [second = 0, third = 0] = randomBytes(2)
  return `10.${100 + (second % 100)}.${third}.0/24`
}

/** A server as mlops.yml describes it. */
export function spec(name: string, more: Partial<ServerSpec> = {}): ServerSpec {
  return {
    ...{ name, provider: 'qemu', image: 'empty.qcow2', user: 'appuser', groups: ['servers'], port: 22, vars: {} },
    ...{ address: undefined, hostKey: undefined, privateKeyFile: undefined, userDataFile: undefined },
    ...{ at: { file: 'mlops.yml', line: 1, column: 1 }, ...more },
  }
}

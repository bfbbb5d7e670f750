import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mlops, root } from '../rig/mlops.ts'
import { type Servers, startServers } from '../rig/servers.ts'

/** What changes a running application is done while users ask. `bench/downtime.mjs` does the same with five times the load. */
let servers: Servers

beforeAll(async () => {
  servers = await startServers({
    name: 'load',
    settings: {
      services: {
        proxy: { server: 'prodserver', port: 5100, health: '/healthz', max_replicas: 1 },
        web: { server: 'prodserver' },
        worker: { server: 'prodserver' },
        rabbit: { server: 'prodserver', max_replicas: 1 },
      },
    },
  })
  const played = await mlops(['play', join(root, 'playbooks/configuration.yml'), '-e', 'upgrade=no'], {
    cwd: servers.directory,
  })
  expect(played.status, played.stdout + played.stderr).toBe(0)
})

afterAll(() => servers?.stop())

test('deliveries, new code, scaling, rollbacks and a restart of the broker cost no request, and no answer is of two models', async () => {
  const bench = spawn(
    process.execPath,
    [join(root, 'bench/downtime.mjs'), '--rate', '100', '--requests', '3000', '--json'],
    { cwd: servers.directory, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let [said, problems] = ['', '']
  bench.stdout.on('data', chunk => (said += chunk))
  bench.stderr.on('data', chunk => (problems += chunk))
  await once(bench, 'close')
  const measured = JSON.parse(said || '{}') as { requests: number; versions: unknown[] } // bench/downtime.mjs
  expect(measured, problems).toMatchObject({ failed: 0, mixed: [], errors: [] })
  expect(measured.requests).toBeGreaterThanOrEqual(3000)
  // the model of the project, and two that were delivered
  expect(measured.versions).toHaveLength(3)
  expect(bench.exitCode, problems).toBe(0)
})

test('a measured delivery tells its steps; what was live is live again, and a rollback leads where it led', async () => {
  const live = async () => {
    const { stdout } = await mlops(['model', 'list', 'diabetes', '--json'], { cwd: servers.directory })
    const all = JSON.parse(stdout) as Release[] // src/cli/model.ts
    return ['current', 'previous'].map(role => all.find(release => release.role === role)?.id)
  }
  const before = await live()
  expect(before).not.toContain(undefined)
  const report = join(servers.directory, 'delivery.html')
  const { status, stdout, stderr } = await mlops(
    ['measure', 'delivery', '--count', '2', '--rate', '20', '--json', '--report', report],
    { cwd: servers.directory },
  )
  expect(status, stderr).toBe(0)
  const measured = JSON.parse(stdout) as { deliveries: Record<string, number>[] } // src/cli/measure-delivery.ts
  expect(measured).toMatchObject({ failed: 0, versions: [{ version: before[0] }, {}, {}] })
  expect(measured.deliveries).toHaveLength(2)
  for (const { push = 0, gate = 0, switch: turn = 0, firstNew = 0, beyondGate = 0 } of measured.deliveries) {
    expect(Math.min(push, gate, turn, firstNew)).toBeGreaterThan(0)
    expect(beyondGate).toBeCloseTo(push + turn, 6)
  }
  expect(existsSync(report) && readFileSync(report, 'utf8')).toContain('BEYOND GATE')
  expect(await live()).toEqual(before)
  const many = await mlops(['measure', 'delivery', '--count', '50'], { cwd: servers.directory })
  expect(many.stderr).toContain('50 deliveries would push out what is live, or was live before: 10 releases are kept')
})

interface Release {
  readonly id: string
  readonly role?: string
}

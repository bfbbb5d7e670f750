import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops } from '../rig/mlops.ts'
import { predictor } from '../rig/predictor.ts'
import { freePort, service } from '../rig/service.ts'

const project = 'name: tweets\ntarget: kubernetes\nvars: { served_models: [american] }\n'

test('a delivery tells how long it takes until another version answers, and that nobody waited in vain', async () => {
  const [one, two] = [await freePort(), await freePort()]
  const old = await predictor('3f2a9c1', one)
  await predictor('9c1b2d7', two)
  const cwd = folder({ 'mlops.yml': project, port: String(one), report: '' })
  const port = await service(join(cwd, 'port'))
  // the command returns before the new version answers, as a commit does
  const script = `printf ${two} >port; kill -TERM ${old.pid}`
  const url = `http://127.0.0.1:${port}/api/american`
  const args = ['measure', 'delivery', '--url', url, '--rate', '20', '--json', '--report', 'report.html']
  const { status, stdout, stderr } = await mlops([...args, '--', 'sh', '-c', script], { cwd })
  expect([status, stderr]).toEqual([0, ''])
  const { arrival, failed, url: asked } = JSON.parse(stdout)
  expect([asked, failed]).toEqual([url, 0])
  expect(arrival.before).toEqual([expect.stringMatching(/^3f2a9c1 [0-9a-f]{12}$/)])
  expect(arrival.after).toEqual([expect.stringMatching(/^9c1b2d7 [0-9a-f]{12}$/)])
  expect(arrival.awayMs).toBe(0)
  expect(arrival.firstNewMs).toBeGreaterThan(0)
  expect(readFileSync(join(cwd, 'report.html'), 'utf8')).toContain('first answer of the new')
})

test('a delivery that stops the one before first tells how long it was away', async () => {
  const [one, two] = [await freePort(), await freePort()]
  const old = await predictor('1', one)
  const cwd = folder({ 'mlops.yml': project, port: String(one) })
  const port = await service(join(cwd, 'port'))
  const command = mlops(
    [
      'measure',
      'delivery',
      '--url',
      `http://127.0.0.1:${port}/version`,
      '--rate',
      '20',
      '--',
      'sh',
      '-c',
      `kill -KILL ${old.pid}; : >began`,
    ],
    { cwd },
  )
  while (!existsSync(join(cwd, 'began'))) await new Promise(done => setTimeout(done, 20))
  await predictor('2', two)
  writeFileSync(join(cwd, 'port'), String(two))
  const { status, stdout } = await command
  expect(status).toBe(2)
  expect(stdout).toMatch(/^failed +\d+: \d+ (reset|refused)/m)
  expect(stdout).toMatch(/^before +1 [0-9a-f]{12}$/m)
  expect(stdout).toMatch(/^after +2 [0-9a-f]{12}$/m)
  expect(Number(/^longest away +(\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(0)
})

test('a delivery that fails, and an address where nobody says a version, or nobody is, are told', async () => {
  const cwd = folder({ 'mlops.yml': project })
  const port = await freePort()
  const ask = (path: string) =>
    mlops(['measure', 'delivery', '--url', `http://127.0.0.1:${port}${path}`, '--timeout', '1', '--', 'true'], { cwd })
  const nobody = await ask('/version')
  const unreachable = `http://127.0.0.1:${port}/version cannot be reached: refused`
  expect([nobody.status, nobody.stderr]).toEqual([4, expect.stringContaining(unreachable)])
  await predictor('1', port)
  const silent = await ask('/health')
  expect([silent.status, silent.stderr]).toEqual([1, expect.stringContaining('does not say which release answers')])
  const failed = await mlops(
    ['measure', 'delivery', '--url', `http://127.0.0.1:${port}/version`, '--', 'mlops', 'deploy'],
    { cwd },
  )
  expect([failed.status, failed.stderr]).toEqual([2, expect.stringContaining('no other release answered')])
  expect(failed.stderr).toContain('which image?')
})

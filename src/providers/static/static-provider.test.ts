import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadProject } from '../../project/load.ts'
import { StaticProvider } from './static-provider.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mlops-static-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function provider(servers: string): StaticProvider {
  const file = join(folder, 'mlops.yml')
  writeFileSync(file, `name: demo\nprovider: static\nservers:\n${servers}`)
  return new StaticProvider(loadProject(file))
}

const TWO = `  prodserver: { address: 192.0.2.1, host_key: "ssh-ed25519 AAAA" }
  devserver: { address: 192.0.2.2, port: 2222, user: ubuntu, host_key: "ssh-ed25519 BBBB" }
`

test('nothing is made and nothing removed', async () => {
  const two = provider(TWO)
  expect(await two.preflight(['prodserver', 'devserver'])).toEqual([])
  expect((await two.plan(['devserver'])).map(plan => [plan.server, plan.action])).toEqual([['devserver', 'keep']])
  expect(await two.removals()).toEqual([])
})

test('a static server is what mlops.yml says', async () => {
  const [, second] = await provider(TWO).list()
  expect(second).toMatchObject({ address: '192.0.2.2', port: 2222, user: 'ubuntu', hostKey: 'ssh-ed25519 BBBB' })
})

test('a server without a host key is warned of, one without its private key is refused', async () => {
  const problems = await provider('  far: { address: 192.0.2.1, private_key: /no/such/key }\n').preflight(['far'])
  expect(problems.map(({ code, severity }) => [code, severity])).toEqual([
    ['static.no-key', 'error'],
    ['static.no-host-key', 'warning'],
  ])
})

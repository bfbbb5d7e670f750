import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { loadProject } from '../../../src/project/load.ts'
import { OpenStackProvider } from '../../../src/providers/openstack/openstack-provider.ts'
import { providerContract } from '../../rig/provider-contract.ts'
import { quietWork } from '../../rig/servers.ts'
import { leftovers, Operator, rcVariables, withoutCloud } from '../lab.ts'
import { projectFile } from '../scenarios.ts'

let directory = ''
let provider: OpenStackProvider
let demo: Operator

beforeAll(async () => {
  for (const [name, value] of Object.entries({ ...withoutCloud(process.env), ...rcVariables() }))
    vi.stubEnv(name, value)
  demo = await Operator.login(rcVariables())
  directory = mkdtempSync(join(tmpdir(), 'mlops-openstack-'))
  writeFileSync(join(directory, 'mlops.yml'), projectFile({ flavor: 'ssc.small', floating_ip: true }))
  provider = new OpenStackProvider(loadProject(join(directory, 'mlops.yml')))
})
afterAll(async () => {
  const work = quietWork()
  await provider.destroy(await provider.removals({}), work)
  rmSync(directory, { recursive: true, force: true })
  vi.unstubAllEnvs()
  expect(await leftovers(demo)).toEqual([])
})

providerContract(
  'openstack',
  () => ({
    provider,
    names: ['prodserver', 'devserver'],
    work: quietWork(),
    stop: async ({ name }) => {
      const { servers } = await demo.call('GET', 'compute', `/servers?name=^${name}$`)
      await demo.call('POST', 'compute', `/servers/${servers[0].id}/action`, { 'os-stop': null })
    },
  }),
  { timeoutMs: 1_200_000 },
)

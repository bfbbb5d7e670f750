import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { memoryConnection } from '../../src/connection/memory.ts'
import { loadProject } from '../../src/project/load.ts'
import type { Work } from '../../src/providers/provider.ts'
import { destroy, findRemovals, provision } from '../../src/providers/provision.ts'
import { mlops } from '../rig/mlops.ts'
import { recordingFile, withoutCloud } from './lab.ts'
import { type Replay, startReplay } from './replay.ts'
import { failures, projectFile, refusals } from './scenarios.ts'

// at once: clouds are waited for
describe.concurrent('what a cloud refused, and what went wrong there, is told again in the same words', () => {
  test.each([...refusals, ...failures])('$name', async ({ name, settings, servers, variables, says }) => {
    const cwd = projectFolder(projectFile(settings, servers))
    const replay = await startReplay(recordingFile(name))
    try {
      const { status, stderr } = await mlops(['provision'], { cwd, env: { ...variablesFor(replay), ...variables } })
      expect(replay.differences()).toEqual([])
      for (const words of says) expect(stderr.replace(/[0-9a-f-]{36}/g, '<id>')).toContain(words)
      expect(status).toBe(1)
    } finally {
      await replay.close()
      rmSync(cwd, { recursive: true, force: true })
    }
  })
})

describe('two servers, as they were made at a cloud', () => {
  afterEach(() => vi.unstubAllEnvs())

  test('are made, left alone and destroyed with the same requests', async () => {
    const directory = projectFolder(projectFile({ floating_ip: true }))
    const project = loadProject(join(directory, 'mlops.yml'))
    const replay = await startReplay(recordingFile('two-servers'))
    for (const [name, value] of Object.entries(variablesFor(replay))) vi.stubEnv(name, value)
    try {
      const made = await provision(project, [], work)
      expect(made.plans.map(plan => plan.action)).toEqual(['create', 'create'])
      expect(made.servers.map(({ name, state, flavor }) => [name, state, flavor])).toEqual([
        ['prodserver', 'ready', 'ssc.medium'],
        ['devserver', 'ready', 'ssc.medium'],
      ])
      const again = await provision(project, [], work)
      expect(again.plans.map(plan => plan.action)).toEqual(['keep', 'keep'])
      expect(again.servers).toEqual(made.servers)
      await destroy(project, await findRemovals(project, {}), work)
      expect(replay.differences()).toEqual([])
    } finally {
      await replay.close()
      rmSync(directory, { recursive: true, force: true })
    }
  })
})

function projectFolder(file: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'mlops-replay-'))
  writeFileSync(join(directory, 'mlops.yml'), file)
  return directory
}

/** What is beyond the cloud's answers, the servers themselves, let us in and have nothing to tell. */
const work: Work = { onStep: () => {}, onWarning: () => {}, open: async () => memoryConnection(() => undefined) }

/** What the RC file of the recorded cloud says, but for the password, which is in no recording. */
function variablesFor({ authUrl }: Replay): Record<string, string> {
  return {
    ...withoutCloud(process.env),
    OS_AUTH_URL: authUrl,
    OS_IDENTITY_API_VERSION: '3',
    OS_USERNAME: 'demo',
    OS_PASSWORD: 'any',
    OS_PROJECT_NAME: 'demo',
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
    OS_REGION_NAME: 'RegionOne',
  }
}

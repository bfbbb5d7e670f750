import { describe, expect, test } from 'vitest'
import { folder, mlops } from '../rig/mlops.ts'
import { recordingFile, withoutCloud } from './lab.ts'
import { projectFile, refusals } from './refusals.ts'
import { startReplay } from './replay.ts'

describe('what a cloud refused is refused with the same words', () => {
  test.each(refusals)('$name', async ({ name, settings, servers, variables, says }) => {
    const replay = await startReplay(recordingFile(name))
    try {
      const { status, stderr } = await mlops(['provision'], {
        cwd: folder({ 'mlops.yml': projectFile(settings, servers) }),
        env: { ...withoutCloud(process.env), ...replayVariables(replay.authUrl), ...variables },
      })
      for (const words of says) expect(stderr).toContain(words)
      expect(status).toBe(1)
      expect(replay.differences()).toEqual([])
    } finally {
      await replay.close()
    }
  })
})

/** What the RC file of the recorded cloud says, but for the password, which is in no recording. */
function replayVariables(authUrl: string): Record<string, string> {
  return {
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

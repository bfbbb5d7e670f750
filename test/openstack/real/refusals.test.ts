import { describe, expect, test } from 'vitest'
import { folder, mlops } from '../../rig/mlops.ts'
import { rcVariables } from '../lab.ts'
import { keepRecording, startRecorder } from '../recorder.ts'
import { projectFile, refusals } from '../scenarios.ts'

describe('what a cloud refuses is said before anything is made', () => {
  test.each(refusals)('$name', async ({ name, settings, servers, variables, says }) => {
    const rc = rcVariables()
    const recorder = await startRecorder(rc['OS_AUTH_URL'] ?? '')
    try {
      const env: Record<string, string> = { ...rc, ...variables, OS_AUTH_URL: recorder.authUrl }
      const { status, stderr } = await mlops(['provision'], {
        cwd: folder({ 'mlops.yml': projectFile(settings, servers) }),
        env,
      })
      for (const words of says) expect(stderr).toContain(words)
      expect(status).toBe(1)
      expect(recorder.writes()).toEqual([])
      expect(stderr).not.toContain(env['OS_PASSWORD'])
      keepRecording(name, recorder.exchanges, [env['OS_PASSWORD'] ?? ''])
    } finally {
      await recorder.close()
    }
  })
})

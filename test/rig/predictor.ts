import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { root } from './mlops.ts'

/** A real predictor of the tweet API; resolves when it answers. */
export async function predictor(version: string, port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(root, 'app/dist/main.js'), 'all'], {
    env: {
      ...process.env,
      MODELS: 'american',
      HOST: '127.0.0.1',
      PORT: String(port),
      APP_VERSION: version,
      DRAIN_MS: '1000',
    },
    stdio: 'ignore',
  })
  onTestFinished(() => void child.kill())
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    if (ready?.ok) return child
    if (child.exitCode !== null) throw new Error(`the predictor ended with ${child.exitCode}`)
    await new Promise(done => setTimeout(done, 50))
  }
}

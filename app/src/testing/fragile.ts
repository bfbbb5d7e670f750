import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** A worker that dies of a job, and that somebody starts again each time, as a container engine does. */
export interface Supervised {
  readonly deaths: number
  stop(): Promise<void>
}

export async function superviseFragile(url: string, queue: string): Promise<Supervised> {
  const dir = mkdtempSync(join(tmpdir(), 'app-fragile-'))
  const outfile = join(dir, 'worker.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('./fragile-worker.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  let [deaths, stopping] = [0, false]
  let child: ChildProcess
  const start = () => {
    child = spawn(process.execPath, [outfile, url, queue], { stdio: 'ignore' })
    child.on('exit', () => {
      if (stopping) return
      deaths++
      start()
    })
  }
  start()
  return {
    get deaths() {
      return deaths
    },
    async stop() {
      stopping = true
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      rmSync(dir, { recursive: true })
    },
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops, root } from '../rig/mlops.ts'

test('the program runs alike without kept code, with it, with a damaged one, and where none can be kept', async () => {
  const home = folder({ 'no-folder': '' })
  const run = (cache: string) => mlops(['doc', 'copy'], { env: { XDG_CACHE_HOME: join(home, cache) } })
  const first = await run('cache')
  expect(first).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('copy') })
  const kept = join(home, 'cache/mlops/code')
  const [file = ''] = readdirSync(kept)
  expect(file).toMatch(/-doc$/)
  expect(await run('cache')).toEqual(first)
  const bytes = readFileSync(join(kept, file))
  writeFileSync(join(kept, file), bytes.fill(0, bytes.length / 2))
  expect(await run('cache')).toEqual(first)
  expect(await run('no-folder')).toEqual(first)
})

test('a command that is used wrongly keeps no code', async () => {
  const home = folder({})
  const { status } = await mlops(['play', 'no-such.yml', '-i', 'localhost,'], { env: { XDG_CACHE_HOME: home } })
  expect([status, readdirSync(home)]).toEqual([1, []])
})

test('a reader that goes away ends a command without a word', async () => {
  const child = spawn(join(root, 'bin/mlops'), ['schema', 'playbook'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let said = ''
  child.stderr.on('data', part => {
    said += part
  })
  const [status, signal] = await once(child, 'close')
  expect([status, signal, said]).toEqual([null, 'SIGINT', ''])
})

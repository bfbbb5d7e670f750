import { expect, test } from 'vitest'
import { sh } from '../shell/sh.ts'
import { memoryConnection } from './memory.ts'

test('a connection in memory remembers scripts and files, and answers as told', async () => {
  const host = memoryConnection(({ script }) =>
    script.text === 'false' ? { status: 1 } : { stdout: `ran ${script.text}` },
  )
  expect(await host.run([{ script: sh`false` }, { script: sh`id` }])).toEqual([
    { status: 1, stdout: '', stderr: '' },
    { status: 0, stdout: 'ran id', stderr: '' },
  ])
  await host.put([{ to: '/a', mode: 0o600, content: Buffer.from('x') }])
  expect(Buffer.from(await host.get('/a')).toString()).toBe('x')
  await expect(host.get('/b')).rejects.toMatchObject({ kind: 'no-file' })
  expect(host.requests.map(r => r.script.text)).toEqual(['false', 'id'])
  expect(host.batches.length).toBe(1)
  await expect(host.run([{ script: sh`id` }], AbortSignal.abort())).rejects.toMatchObject({ kind: 'interrupted' })
  await host.close()
  expect(host.closed).toBe(true)
  await expect(host.run([])).rejects.toMatchObject({ kind: 'lost' })
})

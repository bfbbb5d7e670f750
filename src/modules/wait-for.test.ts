import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { attempt, step, tmp } from './step.ts'
import { waitFor } from './wait-for.ts'

async function listen(greeting = ''): Promise<{ port: number; server: Server }> {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.end(greeting)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  return { server, port: typeof address === 'object' ? (address?.port ?? 0) : 0 }
}

for (const shell of ['dash', 'busybox'] as const) {
  test(`a port that answers is reached, and one that is closed is stopped (${shell})`, async () => {
    const { port, server } = await listen()
    expect(await attempt(waitFor, { port, timeout: 5 }, { shell })).toMatchObject({
      outcome: 'ok',
      result: { port, state: 'started' },
    })
    expect(await attempt(waitFor, { port, timeout: 0, state: 'stopped' }, { shell })).toMatchObject({
      outcome: 'failed',
      result: { msg: `Timeout when waiting for 127.0.0.1:${port} to stop.` },
    })
    await new Promise(resolve => server.close(resolve))
    expect(await step(waitFor, { port, timeout: 5, state: 'stopped' }, { shell })).toBe('ok')
    expect(await attempt(waitFor, { port, timeout: 0, msg: 'too late' }, { shell })).toMatchObject({
      outcome: 'failed',
      result: { msg: 'too late' },
    })
  })

  test(`a file and what it holds are waited for (${shell})`, async () => {
    const path = join(tmp(), `it's "$NONE"`)
    expect(await step(waitFor, { path, state: 'absent' }, { shell })).toBe('ok')
    expect((await attempt(waitFor, { path, timeout: 0 }, { shell })).result.msg).toBe(
      `Timeout when waiting for file ${path}`,
    )
    writeFileSync(path, 'server is ready\n')
    expect(await step(waitFor, { path, search_regex: 'is (ready|up)$' }, { shell })).toBe('ok')
    expect((await attempt(waitFor, { path, search_regex: 'no', timeout: 0 }, { shell })).outcome).toBe('failed')
  })
}

test('what a port says is searched', async () => {
  const { port } = await listen('220 ready\n')
  expect(await step(waitFor, { port, search_regex: '^220', timeout: 5 })).toBe('ok')
})

test('a port without connections is drained, one with a connection is not', async () => {
  const { port } = await listen()
  expect(await step(waitFor, { port, timeout: 5, state: 'drained' })).toBe('ok')
  const held = createServer(() => {})
  await new Promise<void>(resolve => held.listen(0, '127.0.0.1', resolve))
  const address = held.address()
  const busy = typeof address === 'object' ? (address?.port ?? 0) : 0
  const socket = connect(busy, '127.0.0.1')
  await once(socket, 'connect')
  onTestFinished(() => {
    socket.destroy()
    held.close()
  })
  expect((await attempt(waitFor, { port: busy, timeout: 0, state: 'drained' })).outcome).toBe('failed')
})

test('the groups of the expression, and what the file is, are registered', async () => {
  const path = `${tmp()}/log`
  writeFileSync(path, 'starting\nready on port 5100\n')
  const { result } = await attempt(waitFor, { path, search_regex: 'port (?P<port>[0-9]+)|(x)' })
  expect(result).toMatchObject({
    state: 'file',
    size: 28,
    match_groups: ['5100', null],
    match_groupdict: { port: '5100' },
  })
})

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { outlivesClients, outlivesServer } from './stop-order.ts'

type Hook = ReturnType<typeof outlivesClients>

/** Runs a hook as a kubelet does, and notes when it is over. */
function run({ lifecycle }: Hook) {
  const [program = '', ...args] = lifecycle.preStop.exec.command
  const one = { over: false, ended: promisify(execFile)(program, args) }
  void one.ended.then(() => {
    one.over = true
  })
  return one
}

test('who serves waits for its clients, who is needed waits until the server is gone', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const unused = 1
  const client = connect(port, '127.0.0.1')
  const [accepted] = await once(server, 'connection')
  const [broker, worker] = [run(outlivesClients(port)), run(outlivesServer(port))]
  // one that begins later and has nothing to wait for is over: these two are not
  await run(outlivesClients(unused)).ended
  expect([broker.over, worker.over]).toEqual([false, false])
  // whoever closes first keeps a dying socket for a while, which is none that counts
  client.destroy()
  accepted.destroy()
  await broker.ended
  expect(worker.over).toBe(false)
  server.close()
  await worker.ended
})

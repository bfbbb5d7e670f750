import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** What a Service is: new connections go to the port that a file names, and those of before go on. Its own port. */
export async function service(file: string): Promise<number> {
  const open = new Set<Socket>()
  const server = createServer(socket => {
    const upstream = connect(Number(readFileSync(file, 'utf8')), '127.0.0.1')
    for (const each of [socket, upstream]) {
      open.add(each)
      each.on('close', () => open.delete(each)).on('error', () => {})
    }
    socket.pipe(upstream).pipe(socket)
    upstream.on('close', () => socket.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port // it listens
}

/** A port that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens
  server.close()
  await once(server, 'close')
  return port
}

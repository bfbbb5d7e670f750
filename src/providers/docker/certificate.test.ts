import { once } from 'node:events'
import { createServer } from 'node:https'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { makeCertificate } from './certificate.ts'

test('a client that trusts the authority trusts the server under all its names, and no other', async () => {
  const { authority, certificate, key } = await makeCertificate(['one.example', 'two.example'])
  const server = createServer({ cert: certificate, key }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const reach = async (servername: string, ca: string | undefined) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ca })
    const [error] = await Promise.race([once(socket, 'secureConnect').then(() => []), once(socket, 'error')])
    socket.destroy()
    return error instanceof Error && 'code' in error ? error.code : 'trusted'
  }
  try {
    expect(await reach('one.example', authority)).toBe('trusted')
    expect(await reach('two.example', authority)).toBe('trusted')
    expect(await reach('three.example', authority)).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    expect(await reach('one.example', undefined)).not.toBe('trusted')
  } finally {
    server.close()
  }
})

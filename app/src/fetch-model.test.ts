import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { fetchModel } from './fetch-model.ts'
import { createLog } from './log.ts'
import { americanModel, dataFile } from './testing/model-dir.ts'

const log = createLog('silent', 'test')
const model = americanModel()
const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A real server, and what it was asked. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model?key=secret` // a TCP server has no other kind of address
}

test('a model that is the one that was meant lies in a folder of its own, with its date', async () => {
  const url = await serve((_, reply) => reply.setHeader('last-modified', 'Fri, 02 Jan 2026 03:04:05 GMT').end(model))
  const { name, dir } = await fetchModel({ url, sha256: digest(model) }, log)
  expect(name).toBe('american')
  expect(readFileSync(join(dir, 'model.json')).equals(model)).toBe(true)
  expect(statSync(join(dir, 'model.json')).mtime.toISOString()).toBe('2026-01-02T03:04:05.000Z')
})

test('a model of the table in one file is known by its content', async () => {
  const archive = readFileSync(dataFile('../fixtures/keras/a.keras'))
  const url = await serve((_, reply) => reply.end(archive))
  const { name, dir } = await fetchModel({ url, sha256: digest(archive) }, log)
  expect([name, readFileSync(join(dir, 'model.keras')).equals(archive)]).toEqual(['diabetes', true])
})

test('another file is refused', async () => {
  const url = await serve((_, reply) => reply.end('another'))
  await expect(fetchModel({ url, sha256: digest(model) }, log)).rejects.toMatchObject({
    code: 'model.digest',
    message: `the file at MODEL_URL is not the model that was meant: its SHA-256 is ${digest(Buffer.from('another'))}`,
  })
})

test('a server that is not ready yet is asked again', async () => {
  let asked = 0
  const url = await serve((_, reply) => {
    reply.statusCode = ++asked === 1 ? 503 : 200
    reply.end(model)
  })
  expect((await fetchModel({ url, sha256: digest(model) }, log)).name).toBe('american')
  expect(asked).toBe(2)
})

test('a file that is not there is not waited for, and the address stays secret', async () => {
  const url = await serve((_, reply) => {
    reply.statusCode = 404
    reply.end()
  })
  const failure = fetchModel({ url, sha256: digest(model) }, log)
  await expect(failure).rejects.toMatchObject({
    code: 'model.fetch',
    message: 'the model cannot be fetched from MODEL_URL: the server answers 404',
  })
})

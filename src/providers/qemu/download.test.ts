import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { trialProject } from '../../../test/rig/qemu.ts'
import { download } from './download.ts'
import { diskOf } from './images.ts'

const content = Buffer.alloc(300_000, 'disk')
const sha256 = createHash('sha256').update(content).digest('hex')
const quiet = { onStep: () => {}, onWarning: () => {} }
let server: Server
let url = ''
let asked = 0

beforeAll(async () => {
  server = createServer((request, response) => {
    asked++
    if (request.url !== '/images/debian.qcow2') response.writeHead(404).end()
    else response.writeHead(200, { 'content-length': content.length }).end(content)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  // An address of TCP, as that is what was listened on.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/images/debian.qcow2`
})
afterAll(() => server.close())

test('a file is fetched whole, and tells how far it is', async () => {
  const file = join(trialProject().directory, 'fetched')
  const steps: string[] = []
  await download({ url, sha256 }, file, { ...quiet, onStep: step => steps.push(step) })
  expect(readFileSync(file).equals(content)).toBe(true)
  expect(steps.at(-1)).toBe(`fetching ${url}: 100 % of 0 MB`)
})

test('an image is fetched once', async () => {
  const project = trialProject()
  const before = asked
  const disk = await diskOf(project, `${url}#sha256=${sha256}`, quiet)
  expect(await diskOf(project, `${url}#sha256=${sha256.toUpperCase()}`, quiet)).toEqual(disk)
  expect(readFileSync(disk.file).equals(content)).toBe(true)
  expect(asked - before).toBe(1)
})

test('another file than the expected one is refused, and nothing of it is kept', async () => {
  const project = trialProject()
  const wanted = `${url}#sha256=${'0'.repeat(64)}`
  await expect(diskOf(project, wanted, quiet)).rejects.toMatchObject({
    code: 'qemu.download',
    message: `${url} is another file than expected: its SHA-256 is ${sha256}`,
  })
  await expect(diskOf(project, wanted, quiet)).rejects.toMatchObject({ code: 'qemu.download' })
})

test.each([
  ['http://127.0.0.1:1/x.qcow2', /cannot be fetched: .*(refused|bad port)/i],
  ['missing', /cannot be fetched: the server says 404/],
])('what cannot be fetched from %s says why', async (from, message) => {
  const wanted = { url: from === 'missing' ? `${url}.old` : from, sha256 }
  await expect(download(wanted, join(trialProject().directory, 'x'), quiet)).rejects.toThrow(message)
})

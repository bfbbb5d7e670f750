import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { evaluate as evaluateIn } from '../template.ts'

/** A server in a process of its own: the lookup waits without turning back to this one. */
const program = `
const { createServer } = require('node:http')
const server = createServer((request, response) => {
  if (request.url === '/missing') response.writeHead(404).end('gone')
  else if (request.url === '/moved') response.writeHead(302, { location: '/lines' }).end()
  else if (request.url === '/lines') response.end('one\\r\\ntwo\\n')
  else if (request.url === '/slow') setTimeout(() => response.end('late'), 30000)
  else response.end(JSON.stringify({ agent: request.headers['user-agent'], auth: request.headers.authorization, x: request.headers['x-own'] }))
}).listen(0, '127.0.0.1', () => process.stdout.write(String(server.address().port)))
`
const server = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
let base = ''
beforeAll(async () => {
  const [port] = await once(server.stdout, 'data')
  base = `http://127.0.0.1:${port}`
})
afterAll(() => server.kill())

const evaluate = (expression: string) => evaluateIn(expression, { get: () => undefined, names: () => [] })
const lookup = (path: string, options = '') => evaluate(`query('url', '${base}${path}'${options})`)

test('the lines behind an address are a list, or one text', () => {
  expect(lookup('/lines')).toEqual(['one', 'two'])
  expect(lookup('/lines', ', split_lines=false')).toEqual(['one\r\ntwo\n'])
  expect(evaluate(`lookup('ansible.builtin.url', '${base}/lines')`)).toBe('one,two')
  expect(lookup('/moved')).toEqual(['one', 'two'])
})

test('headers, the name of the client and credentials are sent', () => {
  const [said] = lookup('/', ", headers={'X-Own': 'a b'}, username='ada', password='s e c'") as [string]
  expect(JSON.parse(said)).toEqual({
    agent: 'ansible-httpget',
    auth: `Basic ${Buffer.from('ada:s e c').toString('base64')}`,
    x: 'a b',
  })
})

test('what cannot be read is said with the reason', () => {
  expect(() => lookup('/missing')).toThrow('/missing cannot be read: HTTP 404 Not Found')
  expect(() => lookup('/slow', ', timeout=1')).toThrow('timeout')
  expect(() => evaluate("lookup('url', 'http://127.0.0.1:1/')")).toThrow('cannot be read')
  expect(() => evaluate("lookup('url', 'ftp://example.org/x')")).toThrow('is no http:// or https:// address')
  expect(() => evaluate("lookup('url', 'http://u:secret@127.0.0.1:1/')")).toThrow('u:***@')
  expect(() => lookup('/', ', use_gssapi=true')).toThrow('does not support use_gssapi')
  expect(() => lookup('/', ', hedaers={}')).toThrow('has no option hedaers')
})

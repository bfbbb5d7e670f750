import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { requireLate } from './late-builtins.ts'

const require = createRequire(import.meta.url)

/** Whether a net module was asked for, and a `require` that knows. */
function watched() {
  const asked: string[] = []
  const watch = Object.assign((name: string) => {
    asked.push(name)
    return require(name)
  }, require)
  return { asked, requireIt: requireLate(watch) }
}

test('a part of Node is loaded when something of it is used, and not before', () => {
  const { asked, requireIt } = watched()
  const crypto = requireIt('node:crypto')
  expect(asked).toEqual([])
  expect(crypto.createHash('sha1').update('a').digest('hex')).toMatch(/^86f7e437/)
  expect(asked[0]).toBe('node:crypto')
})

test('what stands in for it can be inherited from, looked into and taken apart like the module itself', () => {
  const { requireIt } = watched()
  const net = requireIt('net')
  class Own extends net.Socket {}
  expect(new Own()).toBeInstanceOf(require('node:net').Socket)
  expect('connect' in net).toBe(true)
  expect('nothing' in net).toBe(false)
  expect(Object.keys({ ...net }).sort()).toEqual(Object.keys(require('node:net')).sort())
  expect(requireIt('net')).toBe(net)
})

test('what somebody sets there is set in the module itself', () => {
  const { requireIt } = watched()
  const https = requireIt('https')
  const before = https.globalAgent
  const own = new https.Agent()
  https.globalAgent = own
  expect(https.globalAgent).toBe(own)
  expect(require('node:https').globalAgent).toBe(own)
  https.globalAgent = before
})

test('other modules are loaded at once', () => {
  const { asked, requireIt } = watched()
  expect(requireIt('node:path').sep).toBe('/')
  expect(asked).toEqual(['node:path'])
})

import { expect, test } from 'vitest'
import { evaluate } from '../template.ts'

const scope = { get: () => undefined, names: () => [] }
const salt = '0123456789abcdef0123456789abcdef'

/** What ansible-core answers. */
const encrypted = `$ANSIBLE_VAULT;1.2;AES256;filter_default
33303331333233333334333533363337333833393631363236333634363536363330333133323333
3334333533363337333833393631363236333634363536360a393162303930626338303433373834
33313738343039376435643531363731353132656636363633336365643164363762646639643934
3162663231663732300a626431303861396630393737323030666664666533666135316231353238
6436
`

test('vault encrypts as in ansible-core', () => {
  expect(evaluate(`'data' | vault('pw', salt='${salt}')`, scope)).toBe(encrypted)
})

test('unvault opens it again, and leaves plain text as it is', () => {
  expect(evaluate(`'some data' | vault('pw') | unvault('pw')`, scope)).toBe('some data')
  expect(evaluate(`'plain' | unvault('pw')`, scope)).toBe('plain')
  expect(() => evaluate(`'some data' | vault('pw') | unvault('other')`, scope)).toThrow('not the password')
})

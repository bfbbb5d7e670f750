import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { spec, trialProject } from '../../../test/rig/qemu.ts'
import { cableOf, cardsOf, innerAddress, outerAddress, ownAddresses, planAddresses } from './addresses.ts'

test('a server has one address among the servers, and a loopback address here', () => {
  expect(outerAddress('10.78.0.11')).toBe('127.78.0.11')
  expect(innerAddress('10.78.0.0/24', '127.78.0.11')).toBe('10.78.0.11')
  expect(cardsOf('10.78.0.11')).toEqual({ outside: '52:54:00:4e:00:0b', servers: '52:54:01:4e:00:0b' })
  expect(ownAddresses('10.78.0.0/24')).toEqual({ gateway: '10.78.0.254', resolver: '10.78.0.253' })
})

test('the cable of a project is a multicast group that stays the same, and another one in another folder', () => {
  const project = { name: 'demo', directory: '/one' }
  expect(cableOf(project)).toMatch(/^239(\.\d+){3}:7878$/)
  expect(cableOf({ ...project })).toBe(cableOf(project))
  expect(cableOf({ ...project, directory: '/two' })).not.toBe(cableOf(project))
})

test('servers keep their addresses, get what mlops.yml says, and else the next free one', async () => {
  const project = trialProject()
  const at = (last: number) => project.qemu.subnet.replace('0/24', String(last))
  const specs = [spec('a'), spec('b', { address: at(11) }), spec('c'), spec('d')]
  const found = await planAddresses(project, specs, new Map([['c', at(12)]]))
  expect(Object.fromEntries(found)).toEqual({ c: at(12), a: at(13), b: at(11), d: at(14) })
})

test('an address at which a server of another project answers is left out', async () => {
  const project = trialProject()
  const at = (last: number) => project.qemu.subnet.replace('0/24', String(last))
  const stranger = createServer()
  await new Promise<void>(resolve => stranger.listen(2222, outerAddress(at(11)), resolve))
  try {
    expect((await planAddresses(project, [spec('a')], new Map())).get('a')).toBe(at(12))
  } finally {
    stranger.close()
  }
})

test('a network that is full is said, with the server that has no place', async () => {
  const project = trialProject()
  const known = Array.from(
    { length: 126 },
    (_, i) => [`s${i}`, project.qemu.subnet.replace('0/24', String(i + 1))] as const,
  )
  await expect(planAddresses(project, [spec('one-more')], new Map(known))).rejects.toMatchObject({
    code: 'qemu.subnet-full',
    message: `${project.qemu.subnet} has no address left for one-more`,
  })
})

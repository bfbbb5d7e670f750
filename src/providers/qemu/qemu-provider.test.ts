import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { trialProject } from '../../../test/rig/qemu.ts'
import { ConnectionError } from '../../connection/connection.ts'
import type { Work } from '../provider.ts'
import { readReady, rememberReady } from '../ready.ts'
import { folderOf, machinesOf } from './machine.ts'
import { cutPower, PID_FILE } from './process.ts'
import { QemuProvider } from './qemu-provider.ts'
import { tell } from './qmp.ts'
import { forwardsOf } from './start.ts'

/** Nobody answers on an empty disk. The work is given up once `count` machines boot. */
function givenUp(count: number): Work {
  const controller = new AbortController()
  let boots = 0
  return {
    signal: controller.signal,
    onWarning: () => {},
    onStep: text => {
      if (/ boots /.test(text)) boots++
      if (boots >= count) controller.abort()
    },
    open: () => Promise.reject(new ConnectionError('unreachable', 'nothing boots from an empty disk')),
  }
}

/** Machines of a trial, which are ended after the test whatever comes. */
function trial(settings: Readonly<Record<string, unknown>> = {}) {
  const project = trialProject(settings)
  const provider = new QemuProvider(project)
  onTestFinished(async () => provider.destroy(await provider.removals({}), givenUp(9)))
  const start = async (names: readonly string[]) => {
    await expect(provider.create(await provider.plan(names), givenUp(names.length))).rejects.toThrow()
  }
  return { project, provider, start }
}

test('machines go on when the command ends, and are known again: running, then stopped', async () => {
  const { project, provider, start } = trial()
  await start(['one', 'two'])
  const actions = async () => (await provider.plan(['one', 'two'])).map(plan => plan.action)
  expect(await actions()).toEqual(['finish', 'finish'])
  expect((await provider.list()).map(server => server.state)).toEqual(['unfinished', 'unfinished'])

  const machine = machinesOf(project).get('one')
  rememberReady(project, machine?.id ?? '')
  expect(await actions()).toEqual(['keep', 'finish'])

  if (machine) await cutPower(folderOf(project, 'one'), machine)
  expect(await actions()).toEqual(['start', 'finish'])
  expect((await provider.list()).map(server => server.state)).toEqual(['stopped', 'unfinished'])
})

test('a machine that stops instead of becoming ready ends the wait, with the last of its console', async () => {
  const { project, provider } = trial()
  const warnings: string[] = []
  const work: Work = {
    onWarning: text => warnings.push(text),
    onStep: () => {
      writeFileSync(join(folderOf(project, 'one'), 'serial.log'), 'Kernel \u001b[31mpanic\u001b[0m\r\n')
      void tell(folderOf(project, 'one'), 'quit')
    },
    open: () => Promise.reject(new ConnectionError('unreachable', 'nothing boots from an empty disk')),
  }
  await expect(provider.create(await provider.plan(['one']), work)).rejects.toMatchObject({
    code: 'qemu.ended',
    message: 'one stopped before it was ready',
  })
  expect(warnings).toEqual(['the last that one wrote on its console:\nKernel panic'])
})

test('what was half made is made again, and a server keeps its host key until it is removed', async () => {
  const { project, provider, start } = trial()
  await start(['one'])
  const [before] = await provider.list()
  const machine = machinesOf(project).get('one')
  if (machine) await cutPower(folderOf(project, 'one'), machine)
  rmSync(join(folderOf(project, 'one'), 'server.json'))
  expect((await provider.plan(['one']))[0]?.action).toBe('replace')
  await start(['one'])
  expect((await provider.list())[0]?.hostKey).toBe(before?.hostKey)
  await provider.destroy(await provider.removals({ names: ['one'] }), givenUp(9))
  expect(existsSync(folderOf(project, 'one'))).toBe(false)
  await start(['one'])
  expect((await provider.list())[0]?.hostKey).not.toBe(before?.hostKey)
  expect(readdirSync(project.directory).sort()).toEqual(['.mlops', 'empty.qcow2', 'mlops.yml'])
})

test('a process that has the number of a machine that is gone is left alone', async () => {
  const { project, provider, start } = trial()
  await start(['one'])
  const machine = machinesOf(project).get('one')
  if (machine) await cutPower(folderOf(project, 'one'), machine)
  const stranger = spawn('sleep', ['600'])
  try {
    writeFileSync(join(folderOf(project, 'one'), PID_FILE), `${stranger.pid}\n`)
    expect((await provider.list())[0]?.state).toBe('stopped')
    await provider.destroy(await provider.removals({}), givenUp(9))
    expect(stranger.exitCode ?? stranger.signalCode).toBe(null)
  } finally {
    stranger.kill()
  }
})

test('ports that are taken are said before anything is made, with the server that would have them', async () => {
  const { project, provider } = trial({ ports: [5100] })
  const outer = project.qemu.subnet.replace(/^10/, '127').replace('0/24', '11')
  const stranger = createServer()
  await new Promise<void>(resolve => stranger.listen(5100, outer, resolve))
  try {
    expect(await provider.preflight(['one', 'two'])).toMatchObject([
      { code: 'qemu.port', severity: 'error', message: `one: port 5100 of ${outer} is taken` },
    ])
  } finally {
    stranger.close()
  }
  expect(await provider.preflight(['one', 'two'])).toEqual([])
})

test('an image that is not there is said with the place that names it', async () => {
  const { provider } = trial({ image: 'lost.qcow2' })
  expect(await provider.preflight(['one'])).toMatchObject([
    { code: 'qemu.no-image', message: 'one: there is no image lost.qcow2', at: { line: 12 } },
  ])
})

test('sshd, the ports of the settings and those of its services are forwarded to a server, each once', () => {
  const { project } = trial({ ports: [5100, 8080] })
  const service = {
    ...{ name: 'web', server: 'one', servers: ['one'], port: 5100 },
    at: { file: '', line: 1, column: 1 },
  }
  const services = [service, { ...service, name: 'api', port: 5008 }].map(each => ({
    ...{ ...each, health: undefined, replicas: 1, maxReplicas: undefined, aliases: [] },
  }))
  expect(Object.fromEntries(forwardsOf({ ...project, services }, 'one'))).toEqual({
    2222: 22,
    5100: 5100,
    5008: 5008,
    8080: 8080,
  })
  expect(Object.fromEntries(forwardsOf({ ...project, services }, 'two'))).toEqual({ 2222: 22, 5100: 5100, 8080: 8080 })
})

test('an image is made of a server, serves new ones, and stays as long as they need it', async () => {
  const { project, provider, start } = trial()
  await start(['one'])
  const machine = machinesOf(project).get('one')
  if (machine) await cutPower(folderOf(project, 'one'), machine)
  const quiet = givenUp(9)
  await provider.images.save('one', { name: 'trial-one-abc', owner: { ...project, directory: '/elsewhere' } }, quiet)
  expect(await provider.images.list()).toEqual([])
  await provider.images.save('one', { name: 'trial-one-abc', owner: project }, quiet)
  expect(await provider.images.list()).toMatchObject([{ name: 'trial-one-abc', sizeBytes: expect.any(Number) }])

  const plans = (await provider.plan(['two'])).map(plan => ({ ...plan, baked: 'trial-one-abc' }))
  await expect(provider.create(plans, givenUp(1))).rejects.toThrow()
  expect((await provider.plan(['two']))[0]).toMatchObject({ action: 'finish', differs: undefined })
  const warnings: string[] = []
  const onWarning = (text: string) => warnings.push(text)
  await provider.images.remove('trial-one-abc', { ...quiet, onWarning })
  expect(warnings).toEqual(['image trial-one-abc is still in use, and stays'])

  expect((await provider.removals({ images: true })).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    ...['server one', 'server two', 'image trial-one-abc'],
  ])
  await provider.destroy(await provider.removals({ images: true }), quiet)
  expect(await provider.images.list()).toEqual([])
})

test('until when servers stay is written down, and kept when nothing is said of it', async () => {
  const { project, provider, start } = trial()
  await start(['one'])
  rememberReady(project, machinesOf(project).get('one')?.id ?? '')
  expect(readReady(project).size).toBe(1)
  const quiet = givenUp(9)
  await provider.create(await provider.plan(['one']), { ...quiet, expiresAt: '2030-01-01T00:00:00Z' })
  await provider.create(await provider.plan(['one']), quiet)
  expect((await provider.list())[0]?.expiresAt).toBe('2030-01-01T00:00:00Z')
})

test('a folder that somebody put beside the servers is not taken for one that runs', async () => {
  const { project, provider } = trial()
  mkdirSync(folderOf(project, 'one'), { recursive: true })
  writeFileSync(join(folderOf(project, 'one'), PID_FILE), `${process.pid}\n`)
  expect((await provider.plan(['one']))[0]?.action).toBe('replace')
  expect(readFileSync(join(folderOf(project, 'one'), PID_FILE), 'utf8')).toBe(`${process.pid}\n`)
})

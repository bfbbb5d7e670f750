import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openConnection } from '../connection/open.ts'
import { type Sshd, startSshd } from '../connection/sshd.rig.ts'
import { loadProject } from '../project/load.ts'
import type { Project } from '../project/project.ts'
import { clusterKey } from './cluster-key.ts'
import { type Reach, rotateClusterKey } from './rotate.ts'

/** Two servers with a home of their own each, that let the cluster key in. */
let project: Project
let servers: Readonly<Record<'one' | 'two', Sshd>>
let said: string[]
const both = ['one', 'two']

beforeEach(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mlops-rotate-'))
  writeFileSync(join(directory, 'mlops.yml'), 'name: rotated\nservers: { one: , two: }\n')
  project = loadProject(join(directory, 'mlops.yml'))
  said = []
  const home = (folder: string) => [`SetEnv HOME=${folder}`]
  const [one, two] = await Promise.all([startSshd(home), startSshd(home)])
  servers = { one, two }
  const { publicKey } = clusterKey(project, 'rotated')
  for (const server of [one, two]) writeFileSync(keys(server), `${publicKey}\n`, { flag: 'a' })
})

afterEach(async () => {
  await Promise.all([servers.one.stop(), servers.two.stop()])
  rmSync(project.directory, { recursive: true })
})

const keys = ({ folder }: Sshd) => join(folder, '.ssh/authorized_keys')
const state = (name: string) => join(project.directory, '.mlops', name)
const serverOf = (name: string) => (name === 'one' ? servers.one : servers.two)

const reach = (): Reach => ({
  onStep: text => said.push(text),
  onWarning: text => said.push(text),
  open: async (name, privateKeyFile) => {
    const connection = await openConnection(serverOf(name).target({ privateKeyFile, onlyPrivateKey: true }))
    return { connection, close: () => connection.close() }
  },
})

const letsIn = (name: string, key: string) =>
  reach()
    .open(name, key)
    .then(
      line => line.close().then(() => true),
      () => false,
    )

test('all servers let the new key in, and the old one no more', async () => {
  const old = clusterKey(project, 'rotated').publicKey
  copyFileSync(state('cluster-key'), state('stolen'))
  const { from, to, changed } = await rotateClusterKey(project, { servers: both, type: 'rsa-3072' }, reach())
  expect([from, changed]).toEqual([old, true])
  expect(to).toMatch(/^ssh-rsa \S+ mlops-rotated$/)
  expect(clusterKey(project, 'rotated').publicKey).toBe(to)
  for (const name of both) {
    expect(await letsIn(name, state('cluster-key'))).toBe(true)
    expect(await letsIn(name, state('stolen'))).toBe(false)
    // the key that the rig logs in with is somebody else's, and stays
    expect(await letsIn(name, serverOf(name).key)).toBe(true)
  }
  expect(
    ['cluster-key.next', 'cluster-key.old', 'cluster-key.old.pub'].filter(name => existsSync(state(name))),
  ).toEqual([])
})

test('a server that does not answer stops it with nothing lost, and the next run goes on with the same key', async () => {
  const old = readFileSync(state('cluster-key'), 'utf8')
  const gone = {
    ...reach(),
    open: (name: string, key: string) => (name === 'two' ? refuse() : reach().open(name, key)),
  }
  await expect(rotateClusterKey(project, { servers: both }, gone)).rejects.toThrow(
    'two: 127.0.0.1:1 refused the connection',
  )
  expect(readFileSync(state('cluster-key'), 'utf8')).toBe(old)
  const next = readFileSync(state('cluster-key.next'), 'utf8')
  for (const name of both) expect(await letsIn(name, state('cluster-key'))).toBe(true)
  await rotateClusterKey(project, { servers: both }, reach())
  expect(readFileSync(state('cluster-key'), 'utf8')).toBe(next)
})

test('a server whose keys lie elsewhere does not prove the new key, and the old one stays in force', async () => {
  const elsewhere = await startSshd(folder => [`SetEnv HOME=${join(folder, 'home')}`])
  try {
    const { publicKey } = clusterKey(project, 'rotated')
    writeFileSync(keys(elsewhere), `${publicKey}\n`, { flag: 'a' })
    const open: Reach['open'] = async (name, privateKeyFile) => {
      if (name === 'one') return reach().open(name, privateKeyFile)
      const connection = await openConnection(elsewhere.target({ privateKeyFile, onlyPrivateKey: true }))
      return { connection, close: () => connection.close() }
    }
    const rotating = rotateClusterKey(project, { servers: both }, { ...reach(), open })
    await expect(rotating).rejects.toThrow('authorized_keys of two cannot be changed')
    expect(clusterKey(project, 'rotated').publicKey).toBe(publicKey)
    expect(await letsIn('one', state('cluster-key'))).toBe(true)
  } finally {
    await elsewhere.stop()
  }
})

test('where it stops after the change, the key here works, and the next run takes the old one away', async () => {
  const old = readFileSync(state('cluster-key'), 'utf8')
  const changed = () => readFileSync(state('cluster-key'), 'utf8') !== old
  const cut: Reach['open'] = (name, key) => (name === 'two' && changed() ? refuse() : reach().open(name, key))
  const rotating = rotateClusterKey(project, { servers: both }, { ...reach(), open: cut })
  await expect(rotating).rejects.toMatchObject({ code: 'keys.unfinished' })
  const next = readFileSync(state('cluster-key'), 'utf8')
  expect(next).not.toBe(old)
  for (const name of both) expect(await letsIn(name, state('cluster-key'))).toBe(true)
  expect(await letsIn('two', state('cluster-key.old'))).toBe(true)
  copyFileSync(state('cluster-key.old'), state('stolen'))
  await rotateClusterKey(project, { servers: both }, reach())
  expect(readFileSync(state('cluster-key'), 'utf8')).toBe(next)
  expect(await letsIn('two', state('stolen'))).toBe(false)
})

test('a key is tried on one server without any change of the others', async () => {
  const { publicKey } = clusterKey(project, 'rotated')
  const { to, changed } = await rotateClusterKey(project, { servers: both, only: ['one'] }, reach())
  expect([changed, clusterKey(project, 'rotated').publicKey]).toEqual([false, publicKey])
  expect(await letsIn('one', state('cluster-key.next'))).toBe(true)
  expect(await letsIn('two', state('cluster-key.next'))).toBe(false)
  expect((await rotateClusterKey(project, { servers: both }, reach())).to).toBe(to)
})

/** What a line to a machine that is off says. */
async function refuse(): Promise<never> {
  const closed = servers.two.target({ host: 'two', port: 1 })
  await openConnection(closed)
  throw new Error('somebody listens on port 1')
}

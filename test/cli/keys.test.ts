import { chmodSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops } from '../rig/mlops.ts'

const project = () => folder({ 'mlops.yml': 'name: demo\nservers: { prodserver: }\n' })

test('a key is made once, shown with its fingerprints, and closed when others may read it', async () => {
  const cwd = project()
  for (const command of ['show', 'rotate']) {
    const none = await mlops(['keys', command], { cwd })
    expect([none.status, none.stderr]).toEqual([
      1,
      'error: this project has no key yet\nhint: mlops keys init makes it\n',
    ])
  }
  const made = await mlops(['keys', 'init'], { cwd })
  const publicKey = readFileSync(join(cwd, '.mlops/cluster-key.pub'), 'utf8')
  expect(made.stdout).toBe(`.mlops/cluster-key made\n${publicKey}`)
  chmodSync(join(cwd, '.mlops/cluster-key'), 0o644)
  expect((await mlops(['keys', 'show'], { cwd })).stderr).toContain('others on this machine may read')
  expect((await mlops(['keys', 'init'], { cwd })).stdout).toBe(
    `.mlops/cluster-key could be read by others; now it is yours alone.\n.mlops/cluster-key is there already, and stays\n${publicKey}`,
  )
  expect(statSync(join(cwd, '.mlops/cluster-key')).mode & 0o777).toBe(0o600)
  const shown = JSON.parse((await mlops(['keys', 'show', '--json'], { cwd })).stdout)
  expect(shown).toMatchObject({
    publicKey: publicKey.trim(),
    sha256: expect.stringMatching(/^SHA256:[\w+/]{43}$/),
    md5: expect.stringMatching(/^MD5:(?:[0-9a-f]{2}:){15}[0-9a-f]{2}$/),
    servers: [{ server: 'prodserver', user: 'appuser' }],
    unfinished: false,
  })
})

test('a key of another kind is a rotation, which needs no servers', async () => {
  const cwd = project()
  await mlops(['keys', 'init'], { cwd })
  const before = JSON.parse((await mlops(['keys', 'show', '--json'], { cwd })).stdout)
  const refused = await mlops(['keys', 'init', '--type', 'rsa-3072'], { cwd })
  expect([refused.status, refused.stderr]).toEqual([
    1,
    'error: .mlops/cluster-key is there already, of another type: ssh-ed25519\n' +
      'hint: mlops keys rotate --type rsa-3072 puts another one in its place\n',
  ])
  const rotated = JSON.parse((await mlops(['keys', 'rotate', '--type', 'rsa-3072', '--json'], { cwd })).stdout)
  const after = JSON.parse((await mlops(['keys', 'show', '--json'], { cwd })).stdout)
  expect(after.publicKey).toMatch(/^ssh-rsa /)
  expect(rotated).toEqual({ key: 'cluster', changed: true, from: before.sha256, to: after.sha256, servers: [] })
  const [line] = readFileSync(join(cwd, '.mlops/journal.jsonl'), 'utf8').trim().split('\n')
  expect(JSON.parse(line ?? '')).toMatchObject({ command: 'keys', from: before.sha256, to: after.sha256 })
  const wrong = await mlops(['keys', 'rotate', '--server', 'prodservr'], { cwd })
  expect(wrong.stderr).toContain('no server prodservr lets the key of this project in')
})

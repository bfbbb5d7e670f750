import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startSshd } from '../../src/connection/sshd.rig.ts'
import { folder } from '../rig/mlops.ts'
import { type Registry, startRegistry } from '../rig/registry.ts'
import { publishing, type Specs, specs } from '../rig/specs.ts'

let registry: Registry
let image: string
const digests: Record<string, string> = {}

beforeAll(async () => {
  registry = await startRegistry()
  image = `${registry.host}/team/predictor`
  for (const tag of ['1', '2']) digests[tag] = await registry.put('team/predictor', tag, { text: tag })
})

afterAll(() => registry?.stop())

const lab = (more = '') => specs(publishing(`${image}:1`, more))
const publish = (it: Specs, ...args: string[]) => it.run(['k8s', 'publish', ...args])
const tip = (it: Specs) => it.git('rev-parse', 'main').trim()

const rendered = [
  '.mlops-rendered',
  'configmap.yaml',
  'deployment.yaml',
  'horizontalpodautoscaler.yaml',
  'model-american-configmap.yaml',
  'networkpolicy.yaml',
  'poddisruptionbudget.yaml',
  'service.yaml',
]

test('the manifests are committed under the name of the user, and a second time nothing is', async () => {
  const it = lab()
  const first = await publish(it)
  expect(first).toMatchObject({ status: 0, stderr: `${image}:1 is there: ${digests['1']}\n` })
  expect(first.stdout.split('\n')).toEqual([
    ...rendered.map(file => `${file} added`),
    `${tip(it)} is on main of ${it.repository}`,
    '',
  ])
  expect(it.files()).toEqual(rendered)
  expect(it.text('deployment.yaml')).toContain(`image: ${image}:1\n`)
  expect(it.git('log', '--format=%an <%ae>%n%B')).toMatch(
    `A Student <student@example.org>\nRun predictor:1 in tweets\n\nImage: ${image}:1\nImage-Digest: ${digests['1']}\nModel-American: sha256:`,
  )
  expect(await publish(it)).toMatchObject({
    status: 0,
    stdout: `Nothing to do: main of ${it.repository} has it already (${tip(it).slice(0, 12)})\n`,
  })
  expect(it.git('rev-list', '--count', 'main')).toBe('1\n')
  expect(readdirSync(it.env['TMPDIR'] ?? '')).toEqual([])
})

test('another tag changes the image alone, and JSON tells all of it', async () => {
  const it = lab()
  await publish(it)
  const { status, stdout } = await publish(it, '--tag', '2', '--message', 'Try the second', '--json')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    repository: it.repository,
    branch: 'main',
    path: '.',
    image: `${image}:2`,
    digest: digests['2'],
    commit: tip(it),
    changes: [{ what: 'changed', file: 'deployment.yaml' }],
    pushed: true,
  })
  expect(it.git('log', '-1', '--format=%s')).toBe('Try the second\n')
  expect(it.git('diff', '--numstat', 'main~1', 'main')).toBe('1\t1\tdeployment.yaml\n')
})

test('an image that its registry does not have keeps everything from being committed', async () => {
  const it = lab()
  const { status, stderr } = await publish(it, '--tag', '3')
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining(`error: there is no image ${image}:3: nothing was committed`),
  ])
  expect(stderr).toContain('--no-check')
  expect(it.git('for-each-ref')).toBe('')
  expect((await publish(it, '--tag', '3', '--no-check')).status).toBe(0)
  expect(it.git('log', '-1', '--format=%b')).toContain('Image-Digest: not looked up')
  const away = await publish(it, '--image', 'registry.invalid/team/predictor:1')
  expect([away.status, away.stderr]).toEqual([
    4,
    expect.stringContaining('registry registry.invalid cannot be reached'),
  ])
  const bare = await publish(it, '--image', image)
  expect([bare.status, bare.stderr]).toEqual([1, expect.stringContaining('which tag of')])
})

test('only files below the path are touched, and of these only our own', async () => {
  const it = lab(', path: apps/tweets')
  it.commit({ 'README.md': 'ours\n', 'apps/other/deployment.yaml': 'theirs\n', 'apps/tweets/notes.txt': 'mine\n' })
  await publish(it)
  expect(it.files('apps/tweets/')).toEqual([...rendered, 'notes.txt'].map(file => `apps/tweets/${file}`).sort())
  const whole = await publish(it, '--format', 'helm')
  expect(whole.stdout).toContain('apps/tweets/deployment.yaml removed\n')
  expect(whole.stdout).toContain('apps/tweets/templates/deployment.yaml added\n')
  expect(it.text('apps/tweets/notes.txt')).toBe('mine\n')
  expect(it.text('apps/other/deployment.yaml')).toBe('theirs\n')
  expect(it.text('README.md')).toBe('ours\n')
})

test.each([
  [{ 'deployment.yaml': 'by hand\n' }, 'deployment.yaml is in the repository, and was not published'],
  [{ 'deployment.yaml/x': 'by hand\n' }, 'deployment.yaml is in the repository, and was not published'],
  [{ 'mlops.yml': 'name: a\n' }, 'mlops.yml lies in the same folder'],
])('what somebody else wrote into the folder (%j) is not written over', async (files, message) => {
  const it = lab()
  it.commit(files)
  const before = tip(it)
  const { status, stderr } = await publish(it)
  expect([status, stderr]).toEqual([1, expect.stringContaining(message)])
  expect(tip(it)).toBe(before)
})

test('a path that leads through a file or a link is refused', async () => {
  const it = lab(', path: apps/tweets')
  it.commit({ apps: 'a file\n' })
  expect((await publish(it)).stderr).toContain('error: apps is no folder in the repository')
  expect((await publish(it, '--path', '../elsewhere')).stderr).toContain('is no folder of a repository')
  expect((await publish(it, '--path', './deploy/')).status).toBe(0)
  expect(it.files('deploy/')).toContain('deploy/deployment.yaml')
})

test('Secrets are never committed, and what the cluster needs instead is told', async () => {
  const it = lab()
  const whole = readFileSync(join(it.cwd, 'mlops.yml'), 'utf8').replace(
    /vars:.*/,
    'vars: { served_models: [american], broker_password: a long password }',
  )
  writeFileSync(join(it.cwd, 'mlops.yml'), whole)
  for (const format of ['manifests', 'kustomize', 'helm']) {
    const { status, stderr } = await publish(it, '--solution', '2', '--format', format)
    expect([status, stderr]).toEqual([0, expect.stringContaining('Secret tweets-broker-account is not committed')])
    expect(stderr).toContain('kubernetes: { secret: NAME }')
  }
  expect(it.git('log', '-p', '--format=%B')).not.toMatch(
    /a long password|YSBsb25nIHBhc3N3b3Jk|kind: Secret|-secret\.yaml/,
  )
  const madeUp = whole.replace(', broker_password: a long password', '')
  writeFileSync(join(it.cwd, 'mlops.yml'), madeUp)
  expect((await publish(it, '--solution', '2')).stderr).toContain(
    "Secret tweets-broker-account with the broker's password is not committed",
  )
})

test('a git that does not know who commits is an error before anything is committed', async () => {
  const it = specs(publishing(`${image}:1`), { gitconfig: '' })
  const { status, stderr } = await publish(it)
  expect([status, stderr]).toEqual([1, expect.stringContaining('error: git does not know who commits\n')])
  expect(stderr).toContain('git config --global user.name')
  expect(it.git('for-each-ref')).toBe('')
  expect((await publish(it, '--dry-run')).status).toBe(0)
})

test('who commits may be set for the repository of the project, and hooks of git that run us do no harm', async () => {
  const it = specs(publishing(`${image}:1`), { gitconfig: '' })
  const git = (...args: string[]) => execFileSync('git', ['-C', it.cwd, ...args])
  git('init', '--quiet')
  git('config', 'user.name', 'Only Here')
  git('config', 'user.email', 'here@example.org')
  const { status } = await it.run(['k8s', 'publish'], {
    env: { GIT_DIR: join(it.cwd, '.git'), GIT_INDEX_FILE: join(it.cwd, '.git/index') },
  })
  expect(status).toBe(0)
  expect(it.git('log', '-1', '--format=%an')).toBe('Only Here\n')
  expect(existsSync(join(it.cwd, '.git/index'))).toBe(false)
})

test('many that publish at once to one branch all get there, each on top of the others', async () => {
  const it = lab()
  it.commit({ 'README.md': 'ours\n' })
  const apps = ['a', 'b', 'c', 'd']
  const ran = await Promise.all(apps.map(app => publish(it, '--path', `apps/${app}`)))
  expect(ran.map(({ status }) => status)).toEqual([0, 0, 0, 0])
  for (const app of apps) expect(it.files(`apps/${app}/`)).toContain(`apps/${app}/deployment.yaml`)
  expect(it.git('rev-list', '--count', 'main')).toBe('5\n')
})

test('a branch that moves in the midst of the push is fetched again', async () => {
  const it = lab()
  it.commit({ 'README.md': 'one\n' })
  it.git('branch', 'before')
  it.commit({ 'README.md': 'two\n' })
  it.git('branch', 'later')
  it.git('update-ref', 'refs/heads/main', 'before')
  it.hook(
    'pre-receive',
    `[ -e "$GIT_DIR/moved" ] || { : >"$GIT_DIR/moved"; env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main later; }`,
  )
  const { status, stderr } = await publish(it)
  expect([status, stderr]).toEqual([0, expect.stringContaining('somebody else pushed meanwhile: again, on top of it')])
  expect(it.text('README.md')).toBe('two\n')
  expect(it.files()).toContain('deployment.yaml')
})

test('a repository that refuses the commit says why, and is not asked again', async () => {
  const it = lab()
  it.hook('pre-receive', 'echo asked >>"$GIT_DIR/asked"; echo "main is frozen until Monday" >&2; exit 1')
  const { status, stderr } = await publish(it)
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining(`${it.repository} did not take the commit: pre-receive hook declined`),
  ])
  expect(stderr).toContain('main is frozen until Monday')
  expect(readFileSync(join(it.repository, 'asked'), 'utf8')).toBe('asked\n')
})

test('a checkout, a branch and a repository that are not there, and no repository at all, are told apart', async () => {
  const it = lab()
  it.commit({ 'README.md': 'ours\n' })
  const checkout = folder({})
  execFileSync('git', ['clone', '--quiet', it.repository, checkout], { stdio: 'pipe' })
  const into = await publish(it, '--repo', checkout)
  expect([into.status, into.stderr]).toEqual([1, expect.stringContaining('branch is currently checked out')])
  expect(into.stderr).toContain('hint: that is a checkout')
  expect(execFileSync('git', ['-C', checkout, 'status', '--short'], { encoding: 'utf8' })).toBe('')
  expect((await publish(it, '--branch', 'mian')).stderr).toContain('has no branch mian\nhint: did you mean `main`?')
  const none = await publish(it, '--repo', join(it.cwd, 'nowhere'))
  expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('git init --bare makes a repository')])
  writeFileSync(join(it.cwd, 'mlops.yml'), publishing(`${image}:1`).replace(/ {2}publish.*\n/, ''))
  const unsaid = await publish(it)
  expect([unsaid.status, unsaid.stderr]).toEqual([1, expect.stringContaining('does not say which repository')])
})

test('a dry run shows the difference, and --no-push gives a patch that git am takes', async () => {
  const it = lab()
  await publish(it)
  const before = tip(it)
  const dry = await publish(it, '--tag', '2', '--dry-run')
  expect(dry.stdout).toContain(`-          image: ${image}:1\n+          image: ${image}:2\n`)
  const patch = await publish(it, '--tag', '2', '--no-push')
  expect(patch.status).toBe(0)
  expect(tip(it)).toBe(before)
  const checkout = folder({ patch: patch.stdout })
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', checkout, ...args], {
      env: { ...process.env, ...it.env },
      stdio: 'pipe',
      encoding: 'utf8',
    })
  git('init', '--quiet')
  git('pull', '--quiet', it.repository, 'main')
  git('am', '--quiet', 'patch')
  expect(git('log', '-1', '--format=%an: %s')).toBe('A Student: Run predictor:2 in tweets\n')
  expect(readFileSync(join(checkout, 'deployment.yaml'), 'utf8')).toContain(`image: ${image}:2\n`)
})

test('over ssh the keys of the user count, and what ssh says comes with a hint', async () => {
  // an sshd that takes no GIT_PROTOCOL does not tell the branch of an empty repository
  const it = lab(', branch: main')
  const sshd = await startSshd()
  onTestFinished(() => sshd.stop())
  const keys = folder({ known_hosts: `${sshd.knownHost}\n`, none: '', other: '' })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, 'stranger')])
  const over = (key: string, known: string) =>
    it.run(['k8s', 'publish', '--repo', `ssh://root@127.0.0.1:${sshd.port}${it.repository}`], {
      env: {
        GIT_SSH_COMMAND: `ssh -F none -i ${key} -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile=${join(keys, known)}`,
      },
    })
  expect((await over(sshd.key, 'none')).stderr).toContain('Host key verification failed')
  const stranger = await over(join(keys, 'stranger'), 'known_hosts')
  expect([stranger.status, stranger.stderr]).toEqual([
    1,
    expect.stringContaining('hint: it does not know your ssh key'),
  ])
  const done = await over(sshd.key, 'known_hosts')
  expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining(`${tip(it)} is on main of ssh://root@`) })
  expect(it.files()).toEqual(rendered)
})

test('a password in the address is on no command line and in no message', async () => {
  const it = lab()
  const seen = join(it.cwd, 'seen')
  mkdirSync(join(it.cwd, 'bin'))
  const spy = join(it.cwd, 'bin/git')
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  writeFileSync(spy, `#!/bin/sh\necho "$*" >>${seen}\nexec ${real} "$@"\n`)
  chmodSync(spy, 0o755)
  const { status, stderr } = await it.run(
    ['k8s', 'publish', '--repo', 'http://student:hunter2@127.0.0.1:1/specs.git'],
    { env: { PATH: `${join(it.cwd, 'bin')}:${process.env['PATH']}` } },
  )
  expect([status, stderr]).toEqual([4, expect.stringContaining('http://127.0.0.1:1/specs.git cannot be reached')])
  expect(stderr).not.toContain('hunter2')
  expect(readFileSync(seen, 'utf8')).not.toContain('hunter2')
})

test('Ctrl-C ends git, and leaves nothing behind', async () => {
  const it = lab()
  const began = join(it.cwd, 'began')
  const stuck = join(it.cwd, 'stuck')
  writeFileSync(stuck, `#!/bin/sh\n: >${began}\nexec sleep 600\n`)
  chmodSync(stuck, 0o755)
  const { status, stderr } = await it.run(['k8s', 'publish', '--repo', 'ssh://git.example.org/specs.git'], {
    env: { GIT_SSH: stuck },
    onStart: async child => {
      while (!existsSync(began)) await new Promise(done => setTimeout(done, 20))
      child.kill('SIGINT')
    },
  })
  expect([status, stderr]).toEqual([99, expect.stringContaining('interrupted: nothing was committed')])
  expect(readdirSync(it.env['TMPDIR'] ?? '')).toEqual([])
})

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { badModels, type Pushed } from '../../app/src/testing/bad-models.ts'
import { mlops, recap, root } from '../rig/mlops.ts'
import { type Servers, startServers } from '../rig/servers.ts'

/** Models reach production by real pushes, between real servers, in order: each test goes on where the one before ended. */
let servers: Servers
let url: string
const playbook = join(root, 'playbooks/configuration.yml')
const repository = '/home/appuser/my_project'

beforeAll(async () => {
  servers = await startServers({
    name: 'delivery',
    settings: {
      services: {
        proxy: { server: 'prodserver', port: 5100, health: '/healthz', max_replicas: 1 },
        web: { server: 'prodserver' },
        worker: { server: 'prodserver', replicas: 2 },
        rabbit: { server: 'prodserver', max_replicas: 1 },
      },
    },
  })
  url = `http://${address('prodserver')}:5100`
})

afterAll(() => servers?.stop())

const address = (name: string) => servers.hosts.find(host => host.name === name)?.address
const run = (...args: string[]) => mlops(args, { cwd: servers.directory })
const container = (name: string) => `${servers.project.name}-${name}`

/** Runs a command on a server as the user who is logged in there; both outputs together. */
function on(server: string, command: string): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(
    'docker',
    ['exec', '-u', 'appuser', '-w', '/home/appuser', container(server), 'sh', '-c', command],
    { encoding: 'utf8' },
  )
  return { status, said: `${stdout}${stderr}`.replace(/[ \t]+$/gm, '') }
}

/** Brings files to /var/tmp/pushed on the development server, where everybody may read them. */
function bring(files: Pushed): void {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-push-'))
  try {
    chmodSync(folder, 0o755)
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
    on('devserver', 'sudo rm -rf /var/tmp/pushed')
    execFileSync('docker', ['cp', '-q', folder, `${container('devserver')}:/var/tmp/pushed`])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Makes the repository on the development server hold exactly these files, and commits them. */
function commit(files: Pushed): void {
  bring(files)
  const { status, said } = on(
    'devserver',
    `cd ${repository} && git rm -rqf --ignore-unmatch . && git clean -qfdx && cp -r /var/tmp/pushed/. . && git add -A && git commit -q --allow-empty -m 'new model'`,
  )
  expect(status, said).toBe(0)
}

const push = (what = 'master', options = '') =>
  on('devserver', `cd ${repository} && git push ${options} production ${what}`)
/** Back to what production has. */
const forget = () => on('devserver', `cd ${repository} && git reset -q --hard production/master`)

const fixture = (name: string) => readFileSync(join(root, 'app/fixtures/keras', name))
const lab = (model: 'a' | 'b'): Pushed => ({
  'model.json': fixture(`${model}.keras2.json`),
  'model.h5': fixture(`${model}.keras2.h5`),
})

async function live(): Promise<{ id: string; accuracy: number }> {
  const answer = (await (await fetch(`${url}/version`)).json()) as { model: { id: string; accuracy: number } } // app/README.md
  return answer.model
}

test('the playbook sets the delivery up, and a second play changes nothing: the first without look-ahead', async () => {
  const first = await run('play', playbook, '--no-look-ahead')
  expect(first.status, first.stdout + first.stderr).toBe(0)
  const again = await run('play', playbook)
  for (const host of ['prodserver', 'devserver'])
    expect(recap(again.stdout)[host], again.stdout).toMatchObject({ changed: 0, failed: 0 })
})

test('a push is judged, goes live on every worker, and the pusher reads how', async () => {
  const before = await live()
  commit(lab('a'))
  const { status, said } = push()
  expect(status, said).toBe(0)
  expect(said).toContain('remote: Master ref received.  Deploying master branch to production...')
  expect(said).toMatch(/remote: ok {6}metric: accuracy 71\.90 % .* -> 73\.86 % /)
  const id = /remote: diabetes ([0-9a-f]{12}) is live on 2 workers after [\d.]+ s \(before: ([0-9a-f]{12})\)\./.exec(
    said,
  )
  expect(id?.[2]).toBe(before.id)
  expect((await live()).id).toBe(id?.[1])
  const scores = await (await fetch(`${url}/accuracy`, { method: 'POST' })).text()
  expect(scores).toContain('<h1>The accuracy is 73.85621070861816</h1>')
})

test.each(badModels)('$what is refused, the branch stays, and the old model answers', async ({ files, reason }) => {
  const before = await live()
  commit(files)
  const { status, said } = push()
  forget()
  expect(status, said).not.toBe(0)
  expect(said).toMatch(reason)
  expect(said).toContain('remote: Refused: refs/heads/master stays where it was, and what is live stays live.')
  expect(said).toContain('! [remote rejected] master -> master (pre-receive hook declined)')
  expect(await live()).toEqual(before)
})

test('links, submodules and odd names in a push are refused', async () => {
  const tricks: [string, RegExp][] = [
    ['ln -s /etc/passwd model.h5 && git add -A', /model\.h5 is a symbolic link/],
    ['git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),evil.json', /evil\.json is a submodule/],
    ["touch 'a;reboot.json' && git add -A", /has a name that no model needs/],
    [
      'git update-index --add --cacheinfo 100644,$(git hash-object -w model.json),model\\\\..json',
      /has a name that no model needs/,
    ],
  ]
  for (const [trick, reason] of tricks) {
    commit({ 'model.json': lab('a')['model.json'] ?? '' })
    on('devserver', `cd ${repository} && ${trick} && git commit -qm trick`)
    const { status, said } = push()
    forget()
    expect(status, said).not.toBe(0)
    expect(said).toMatch(reason)
  }
})

test('other branches, tags and deletions are received with the words of the lab, and deploy nothing', async () => {
  const before = await live()
  const words = (ref: string) =>
    `remote: Ref ${ref} successfully received.  Doing nothing: only the master branch may be deployed on this server.`
  expect(push('HEAD:refs/heads/foo/master').said).toContain(words('refs/heads/foo/master'))
  expect(push('HEAD:refs/tags/rel/master').said).toContain(words('refs/tags/rel/master'))
  expect(push(':foo/master').said).toContain(words('refs/heads/foo/master'))
  expect(push('HEAD:refs/heads/wip').said).toContain(words('refs/heads/wip'))
  expect(push(':wip').said).toContain(words('refs/heads/wip'))
  expect(push(':master').said).toContain(words('refs/heads/master'))
  expect(await live()).toEqual(before)
  expect(push('HEAD:master').said).toContain('is live already')
})

test('a worse model is refused, unless it is forced, which is recorded', async () => {
  commit({ ...lab('b') })
  const strict = await run('play', join(root, 'playbooks/delivery.yml'), '-e', 'delivery_max_drop=1')
  expect(strict.status, strict.stdout).toBe(0)
  const refused = push()
  expect(refused.said).toMatch(/FAILED {2}metric: .*it loses 2\.6 percentage points, at most 1 are allowed/)
  const forced = push('master', '-o force-model')
  expect(forced.said).toMatch(/remote: forced {2}metric/)
  expect(forced.status, forced.said).toBe(0)
  const shown = JSON.parse((await run('model', 'show', '--json')).stdout)
  expect(shown.card).toMatchObject({ forced: true, accuracy: { right: 109, rows: 153 } })
})

test('a model is rolled back without a restart, to the one before and to any other', async () => {
  const releases = async () =>
    JSON.parse((await run('model', 'list', '--json')).stdout) as { id: string; role?: string }[] // src/cli/model.ts
  const of = (all: { id: string; role?: string }[], role: string) =>
    all.find(release => release.role === role)?.id ?? ''
  const before = await releases()
  const back = await run('model', 'rollback')
  expect(back.status, back.stderr).toBe(0)
  expect((await live()).id).toBe(of(before, 'previous'))
  const first = before.at(-1)?.id ?? ''
  expect((await run('model', 'rollback', '--to', first.slice(0, 6))).stdout).toContain(
    `diabetes ${first} is live on 2 workers`,
  )
  expect((await live()).id).toBe(first)
  const none = await run('model', 'rollback', '--to', 'ffff')
  expect(none.status).toBe(1)
  expect(none.stderr).toContain('there is no release ffff')
  expect((await run('model', 'diff')).stdout).toContain('accuracy.percent')
  expect((await run('history')).stdout).toMatch(/rollback +diabetes .* live/)
})

test('the key of the development server may push to that one repository, and nothing else', () => {
  const ssh = `ssh -o BatchMode=yes appuser@${address('prodserver')}`
  expect(on('devserver', `${ssh} id`)).toMatchObject({
    status: 1,
    said: expect.stringContaining('may only push models'),
  })
  expect(on('devserver', ssh).said).toContain('may only push models')
  expect(on('devserver', `${ssh} "git-receive-pack '/etc'"`).said).toContain(`may only push to ${repository}`)
  expect(on('devserver', `${ssh} "git-receive-pack '${repository}'; id"`).said).not.toContain('uid=')
  expect(on('devserver', `git clone appuser@${address('prodserver')}:${repository} /tmp/clone`).status).not.toBe(0)
  // the client listens whatever the server allows: no word of what stands behind it may come through
  const forwarded = `${ssh} -N -f -L 9999:127.0.0.1:22; timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/9999; head -c 4 <&3'`
  expect(on('devserver', forwarded).said).not.toContain('SSH-')
})

test('pushes at the same time take turns', async () => {
  commit({ ...lab('a'), 'README.md': 'one' })
  on('devserver', `cd ${repository} && git branch -f main && git fetch -q . `)
  const { said } = on(
    'devserver',
    `cd ${repository} && (git push production master >/tmp/one 2>&1 & git push production HEAD:main >/tmp/two 2>&1; wait); cat /tmp/one /tmp/two`,
  )
  expect(said).toContain('Master ref received')
  expect(said).toContain('Ref refs/heads/main received.  Deploying main branch to production...')
  expect(said).not.toMatch(/FAILED|error:/)
  expect(said).toMatch(/is live on 2 workers|is live already/)
})

test('one command trains, commits and pushes', async () => {
  const { status, stdout, stderr } = await run('deliver', '--', '--epochs', '40', '--seed', '5')
  expect(stdout, stderr).toMatch(/Accuracy: \d+\.\d\d/)
  expect(stdout).toContain('remote: ok      leakage: none of the 153 rows of held-out.csv was trained on')
  expect([status, /is live on 2 workers/.test(stdout)]).toEqual(/refused/.test(stdout) ? [1, false] : [0, true])
})

/** Runs `mlops` while the application is asked fifty times a second; what came of the asking is JSON. */
const whileAsked = (asking: readonly string[], ...command: string[]) =>
  run('measure', 'downtime', '--json', '--rate', '50', ...asking, '--', 'mlops', ...command)

test('new code takes over without a failed request, also as a canary; bad code never does', async () => {
  const built = await run('deploy')
  expect(built.stdout, built.stderr).toContain('is live already')
  // the same code under another name: an image that differs by a label
  const again = on(
    'prodserver',
    `printf 'FROM %s\\nLABEL again=1\\n' "$(sudo docker inspect --format '{{.Config.Image}}' $(sudo docker ps -qf label=com.docker.compose.service=web))" | sudo docker build -q -t predictor:again - && printf 'FROM predictor:again\\nENTRYPOINT ["false"]\\n' | sudo docker build -q -t predictor:broken -`,
  )
  expect(again.status, again.said).toBe(0)
  const measured = await whileAsked([], 'deploy', '--version', 'again', '--canary', '20', '--watch', '3')
  expect(JSON.parse(measured.stdout), measured.stderr).toMatchObject({ failed: 0 })
  expect(measured.status, measured.stderr).toBe(0)
  const broken = await whileAsked([], 'deploy', '--version', 'broken', '--wait', '20')
  expect(JSON.parse(broken.stdout)).toMatchObject({ failed: 0 })
  expect(broken.stderr).toContain('predictor:again serves as before')
  // every prediction of it fails, though it says that it is well: only a canary finds that out
  const recipe = `FROM predictor:again
USER root
RUN sed -i 's/The accuracy is /$\{(() => { throw new Error("bad code") })()}/' dist/chunks/*.js && grep -q 'bad code' dist/chunks/*.js
USER node
`
  const failing = on(
    'prodserver',
    `echo ${Buffer.from(recipe).toString('base64')} | base64 -d | sudo docker build -q -t predictor:failing -`,
  )
  expect(failing.status, failing.said).toBe(0)
  const canary = await whileAsked(
    ['--url', `${url}/accuracy`, '--post', '{}'],
    ...['deploy', '--version', 'failing', '--canary', '20', '--watch', '30'],
  )
  expect(canary.stderr).toMatch(/The new version did not do: \d+ of \d+ requests failed/)
  const seen = JSON.parse(canary.stdout) as { requests: number; failed: number } // src/cli/measure-run.ts
  expect(seen.failed).toBeGreaterThan(2)
  // a fifth of the requests at most had met it, and only until it was found out
  expect(seen.failed).toBeLessThan(seen.requests / 5)
  on('prodserver', "printf 'FROM predictor:again\\nLABEL third=1\\n' | sudo docker build -q -t predictor:third -")
  const both = await Promise.all([run('deploy', '--version', 'third'), run('deploy', '--version', 'third')])
  expect(both.map(({ status }) => status).sort((a, b) => Number(a) - Number(b))).toEqual([0, 75])
  const back = await run('rollback')
  expect(back.stdout, back.stderr).toMatch(/predictor:again is live \(before: predictor:third\)/)
  // Docker's own health checks begin five seconds after a start.
  const health = async () =>
    JSON.parse((await run('status', '--json')).stdout).services.map((each: { health: string }) => each.health)
  await expect.poll(health, { timeout: 60_000 }).toEqual(['Healthy', 'Healthy', 'Healthy', 'Healthy'])
})

const texts = (name: string) => readFileSync(join(root, 'app', name))
const american = async () =>
  ((await (await fetch(`${url}/version`)).json()) as { models: { american: { id: string } } }).models.american.id // app/README.md

/** Makes models/american of the repository on the development server hold this file, and pushes it. */
function pushAmerican(file: Buffer): { status: number | null; said: string } {
  bring({ 'model.json': file })
  const { status, said } = on(
    'devserver',
    `cd ${repository} && mkdir -p models/american && cp /var/tmp/pushed/model.json models/american/ && git add models/american && git commit -qm texts`,
  )
  expect(status, said).toBe(0)
  const pushed = push()
  forget()
  return pushed
}

test('the model of texts answers, at a port of its own too', async () => {
  const body = JSON.stringify({ text: '#covid19 new york' })
  const asked = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
  for (const port of [5100, 5008]) {
    const answer = await fetch(`http://${address('prodserver')}:${port}/api/american`, asked)
    expect(await answer.json()).toEqual({
      is_american: 1,
      version: expect.any(String),
      model_date: JSON.parse(texts('models/american/card.json').toString()).trained,
    })
  }
})

test('the application of the project is evaluated without naming its address', async () => {
  const { status, stdout, stderr } = await run('evaluate', '--data', join(root, 'app/data/american/test.csv'), '--json')
  expect(status, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    url: `${url}/api/american`,
    failed: 0,
    accuracy: { right: 835, rows: 1000 },
  })
})

test('a pushed model of texts is judged and goes live; the other model stays what it was', async () => {
  const before = { ...(await live()), american: await american() }
  const { status, stdout, stderr } = await run('deliver', 'american', '--', '--alpha', '0.5')
  expect(status, stdout + stderr).toBe(0)
  expect(stdout).toMatch(/remote: ok {6}metric: accuracy 83\.50 % .* -> 83\.50 % /)
  const id = /remote: american ([0-9a-f]{12}) is live on 2 workers/.exec(stdout)?.[1]
  expect(stdout).not.toContain('remote: diabetes')
  expect(id).not.toBe(before.american)
  expect([await american(), (await live()).id]).toEqual([id, before.id])
  expect(JSON.parse((await run('model', 'show', 'american', '--json')).stdout)).toMatchObject({ id, role: 'current' })
  expect(JSON.parse((await run('model', 'diff', 'american', '--json')).stdout)).toMatchObject({
    from: { id: before.american },
    to: { id },
  })
  const back = await run('model', 'rollback', 'american')
  expect(back.status, back.stderr).toBe(0)
  expect(await american()).toBe(before.american)
})

test.each([
  ['cut off', texts('models/american/model.json').subarray(0, 20_000), /FAILED {2}parse: model\.json is no JSON/],
  ['of another kind', texts('models/diabetes/model.json'), /FAILED {2}parse: no naive-Bayes model/],
  [
    'worse',
    // so sure of its countries that no word matters
    Buffer.from(
      texts('models/american/model.json')
        .toString()
        .replace(/"documents":\[.*?\]/, '"documents":[1000000,1]'),
    ),
    /FAILED {2}metric: .*it loses/,
  ],
])('a model of texts that is %s is refused, and the old one answers', async (_what, file, reason) => {
  const before = await american()
  const { status, said } = pushAmerican(file)
  expect(status, said).not.toBe(0)
  expect(said).toMatch(reason)
  expect(await american()).toBe(before)
})

test('two models of one push go live together; one that was taken back stays so when the other is pushed', async () => {
  const before = await american()
  const train = 'node /srv/training/dist/main.js train'
  const trained = on(
    'devserver',
    `cd ${repository} && ${train} american --alpha 0.3 --model-dir models/american && ${train} --epochs 20 --seed 9 --model-dir . && git add -A && git commit -qm both`,
  )
  expect(trained.status, trained.said).toBe(0)
  const { status, said } = push('master', '-o force-model')
  expect(status, said).toBe(0)
  for (const model of ['american', 'diabetes']) expect(said).toMatch(new RegExp(`${model} \\w+ is live on 2 workers`))
  expect((await run('model', 'rollback', 'american')).status).toBe(0)
  expect(await american()).toBe(before)
  const other = await run('deliver', '--force-model', '--', '--epochs', '20', '--seed', '10')
  expect(other.stdout, other.stderr).toMatch(/remote: diabetes \w+ is live on 2 workers/)
  expect(other.stdout).not.toContain('remote: american')
  expect(await american()).toBe(before)
})

test('a model that nobody serves is refused by its name, and is not in the way of the next one', async () => {
  on('devserver', `cd ${repository} && mkdir -p models/weather && echo '{}' >models/weather/model.json`)
  const refused = await run('deliver', 'weather', '--no-train')
  expect(refused.status).toBe(1)
  expect(refused.stdout).toContain('FAILED  name: there is no model called weather here; there is: diabetes american')
  expect(refused.stdout).toContain('The commit is taken back')
  const next = await run('deliver', 'american', '--', '--alpha', '0.75')
  expect(next.status, next.stdout + next.stderr).toBe(0)
  on('devserver', `rm -rf ${repository}/models/weather`)
})

test('a job that nobody can read is put aside, shown, given back to no avail, and dropped', async () => {
  const queue = async (...args: string[]) => JSON.parse((await run('queue', '--json', ...args)).stdout)
  expect(await queue()).toEqual({ waiting: 0, suspects: 0, dead: 0, jobs: [] })
  const publish = `rabbit_basic:publish(rabbit_misc:r(<<"/">>, exchange, <<>>), <<"mlops.predict">>, [], <<"no job">>).`
  const rabbit = '$(sudo docker ps -qf label=com.docker.compose.service=rabbit)'
  const planted = on('prodserver', `sudo docker exec ${rabbit} rabbitmqctl -q eval '${publish}'`)
  expect(planted.status, planted.said).toBe(0)
  const aside = { reason: 'job.unreadable', message: 'this worker does not know such a job', body: 'no job' }
  await expect.poll(queue, { timeout: 60_000 }).toMatchObject({ waiting: 0, dead: 1, jobs: [aside] })
  expect((await run('status')).stdout).toContain('put aside: 1 job that nobody could answer')
  expect((await run('queue')).stdout).toMatch(
    /^put aside: 1\n[\s\S]* this worker does not know such a job +6 +no job$/m,
  )
  const [{ at: before }] = (await queue()).jobs
  expect(await queue('--retry')).toMatchObject({ retry: 1 })
  // A worker tries it once more, and it is as unreadable as before.
  await expect
    .poll(queue, { timeout: 60_000 })
    .toMatchObject({ dead: 1, jobs: [{ ...aside, at: expect.not.stringMatching(before) }] })
  expect(await queue('--purge')).toEqual({ purge: 1, waiting: 0, suspects: 0, dead: 0, jobs: [] })
  expect((await run('status')).stdout).not.toContain('put aside')
})

test('the key that models are pushed with is changed, and only the new one pushes', async () => {
  const admitted = () => on('prodserver', 'grep ^restrict,command= ~/.ssh/authorized_keys').said.trim().split('\n')
  const before = admitted()
  on('devserver', 'cp ~/.ssh/id_ed25519 ~/stolen')
  const rotated = await run('keys', 'rotate', '--delivery', '--json')
  expect(rotated.status, rotated.stderr).toBe(0)
  expect(JSON.parse(rotated.stdout)).toMatchObject({ key: 'delivery', changed: true })
  const after = admitted()
  expect([before.length, after.length]).toEqual([1, 1])
  const options = (line = '') => line.slice(0, line.indexOf(' ssh-ed25519 '))
  expect(options(after[0])).toBe(options(before[0]))
  expect(after).not.toEqual(before)
  const pushed = await run('deliver', 'american', '--', '--alpha', '0.76')
  expect(pushed.status, pushed.stdout + pushed.stderr).toBe(0)
  const stolen = on(
    'devserver',
    `cd ${repository} && GIT_SSH_COMMAND='ssh -i ~/stolen -o IdentitiesOnly=yes -o BatchMode=yes' git push production master`,
  )
  expect(stolen.said).toContain('Permission denied')
})

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { apiServer } from '../rig/api-server.ts'
import type { Described } from '../rig/argocd-controller.ts'
import { type ArgoServer, argoServer } from '../rig/argocd-server.ts'
import { schemaProblems } from '../rig/kubernetes-schemas.ts'
import { folder, mlops, type Ran, type RunOptions, root } from '../rig/mlops.ts'

const repo = 'https://git.example.org/team/specs.git'
const flags =
  `--repo ${repo} --path . --project default --dest-namespace lab --dest-server https://kubernetes.default.svc`.split(
    ' ',
  )
const service: Described = { group: '', kind: 'Service', name: 'web', text: 'port 5008' }
const deployment: Described = { group: 'apps', kind: 'Deployment', name: 'web', text: 'image 1' }

interface Lab {
  readonly server: ArgoServer
  readonly home: string
  argocd(args: readonly string[], options?: RunOptions): Promise<Ran>
}

/** A server with a repository of one revision, and a home without logins. */
async function lab(options?: { readonly tls?: boolean }): Promise<Lab> {
  const server = await argoServer(options)
  server.controller.repositories.set(repo, new Map([['aaaaaaa1', [service, deployment]]]))
  const home = folder({})
  const env = {
    HOME: home,
    XDG_CONFIG_HOME: '',
    ARGOCD_SERVER: '',
    ARGOCD_AUTH_TOKEN: '',
    ARGOCD_OPTS: '',
    KUBECONFIG: '/none',
  }
  return {
    server,
    home,
    argocd: (args, more = {}) => mlops(['argocd', ...args], { cwd: home, ...more, env: { ...env, ...more.env } }),
  }
}

const login = (it: Lab, ...more: string[]) =>
  it.argocd(['login', it.server.address, '--username', 'admin', '--password-stdin', ...more], {
    input: 'correct horse\n',
  })

async function loggedIn(): Promise<Lab> {
  const it = await lab()
  expect(await login(it, '--plaintext')).toMatchObject({ status: 0, stderr: '' })
  return it
}

/** Ctrl-C at the first output: a second one would end the program at once. */
function interruptOnce(): NonNullable<RunOptions['onOutput']> {
  let isDone = false
  return (_, child) => {
    if (!isDone) child.kill('SIGINT')
    isDone = true
  }
}

const configOf = ({ home }: Lab) => parse(readFileSync(join(home, '.config/argocd/config'), 'utf8'))
const asked = ({ server }: Lab, method: string, path: string) =>
  server.asked.filter(one => one.method === method && one.path === path)

test('a login is kept where the argocd program keeps it, and its token for its owner alone', async () => {
  const it = await lab()
  const { status, stdout } = await login(it, '--plaintext')
  const { address } = it.server
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: `'admin' logged in successfully\nContext '${address}' updated\n`,
  })
  expect(statSync(join(it.home, '.config/argocd/config')).mode & 0o777).toBe(0o600)
  expect(configOf(it)).toEqual({
    'current-context': address,
    'prompts-enabled': false,
    contexts: [{ name: address, server: address, user: address }],
    servers: [{ server: address, 'plain-text': true, 'grpc-web-root-path': '' }],
    users: [{ name: address, 'auth-token': expect.stringMatching(/^ey/) }],
  })
  expect((await it.argocd(['account', 'get-user-info'])).stdout).toBe(
    'Logged In: true\nUsername: admin\nIssuer: argocd\nGroups: lab\n',
  )
  expect((await it.argocd(['version', '--short'])).stdout).toContain('argocd-server: v3.2.0\n')
  expect((await it.argocd(['context'])).stdout).toMatch(new RegExp(`\\* +${address} +${address}`))
  expect((await it.argocd(['logout'])).stdout).toBe(`Logged out from '${address}'\n`)
  expect(await it.argocd(['app', 'list'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Argo CD does not let us in: no session information\nhint: mlops argocd relogin'),
  })
})

test('a wrong password, one on the command line and single sign-on are told of', async () => {
  const it = await lab()
  const wrong = await it.argocd([
    'login',
    it.server.address,
    '--plaintext',
    '--username',
    'admin',
    '--password',
    'a secret',
  ])
  expect(wrong.status).toBe(1)
  expect(wrong.stderr).toBe(
    'warning: --password is seen in the list of processes; --password-stdin is not\n' +
      'error: Argo CD does not know this user with this password\nhint: capitals count, in both\n',
  )
  it.server.users.set('student', 'student123456')
  const first = ['login', it.server.address, '--plaintext', '--username', 'student']
  expect((await it.argocd(first, { env: { ARGOCD_PASSWORD: 'student123456' } })).stderr).toBe(
    'warning: everybody can guess this password: mlops argocd account update-password\n',
  )
  expect((await it.argocd(['login', it.server.address, '--sso'])).stderr).toContain('--sso is not supported here')
  expect((await it.argocd(['login', 'a b'])).stderr).toContain('a b is no address of a server')
  expect((await it.argocd(['login'])).stderr).toContain('which server?')
})

test('a certificate that nobody knows is refused, unless its file is given or any will do', async () => {
  const it = await lab({ tls: true })
  const refused = await login(it)
  expect(refused.status).toBe(4)
  expect(refused.stderr).toContain('its certificate is not trusted: self-signed certificate')
  expect(refused.stderr).toContain('hint: --server-crt FILE trusts the one in a file, --insecure any')
  expect((await login(it, '--server-crt', it.server.certificate ?? '')).status).toBe(0)
  // it is kept, for whatever comes then
  expect((await it.argocd(['app', 'list', '-o', 'name'])).status).toBe(0)
  expect((await login(it)).status).toBe(0)
  expect(await login(it, '--insecure')).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('--insecure takes any'),
  })
  expect((await it.argocd(['app', 'list', '-o', 'name'])).status).toBe(0)
})

test('who speaks TLS to a server without it is told so, and what is no server', async () => {
  const it = await lab()
  expect(await login(it)).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('it does not speak TLS\nhint: --plaintext'),
  })
  const nobody = await it.argocd(['app', 'list', '--server', '127.0.0.1:1', '--plaintext'])
  expect(nobody).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('cannot be reached: connect ECONNREFUSED'),
  })
  const elsewhere = await it.argocd([
    'app',
    'list',
    '--server',
    it.server.address,
    '--plaintext',
    '--grpc-web-root-path',
    '/x',
  ])
  expect(elsewhere.stderr).toContain("the answer to listing applications is not Argo CD's: 200 without JSON")
})

test('flags win over the environment, and it over the login; a token goes to its own server alone', async () => {
  const it = await loggedIn()
  const token = configOf(it).users[0]['auth-token']
  const other = await argoServer()
  const env = { ARGOCD_SERVER: other.address, ARGOCD_OPTS: '--plaintext --header "X-Team: lab"' }
  expect((await it.argocd(['app', 'list'], { env })).stderr).toContain('no session information')
  expect(other.asked[0]?.headers).toMatchObject({ 'x-team': 'lab' })
  expect(other.asked[0]?.headers.authorization).toBeUndefined()
  const flagged = await it.argocd(['--server', it.server.address, 'app', 'list', '-o', 'name'], {
    env: { ...env, ARGOCD_AUTH_TOKEN: token },
  })
  expect(flagged).toMatchObject({ status: 0, stdout: '' })
  expect((await it.argocd(['app', 'list'], { env: { ARGOCD_OPTS: '--plain' } })).stderr).toContain(
    'ARGOCD_OPTS cannot be read: unknown option',
  )
  expect((await it.argocd(['app', 'list', '--port-forward'])).stderr).toContain(
    'kubectl port-forward --namespace argocd',
  )
})

test('a new password logs in again, and the token of before ends', async () => {
  const it = await loggedIn()
  const before = configOf(it).users[0]['auth-token']
  const alone = await it.argocd(['account', 'update-password'])
  expect([alone.status, alone.stderr]).toEqual([1, expect.stringContaining('hint: --password-stdin reads both')])
  const wrong = await it.argocd(['account', 'update-password', '--password-stdin'], { input: 'nonsense\nnext one\n' })
  expect(wrong).toMatchObject({ status: 1, stderr: expect.stringContaining('current password does not match') })
  const same = await it.argocd(['account', 'update-password', '--password-stdin'], { input: 'a\na\n' })
  expect(same.stderr).toContain('the new password is the one of before')
  const changed = await it.argocd(['account', 'update-password', '--password-stdin'], {
    input: 'correct horse\nnext one\n',
  })
  expect(changed).toMatchObject({ status: 0, stdout: expect.stringContaining('Password updated\nContext ') })
  expect(configOf(it).users[0]['auth-token']).not.toBe(before)
  expect((await it.argocd(['app', 'list'])).status).toBe(0)
})

test('create, again, another one, and with --upsert', async () => {
  const it = await loggedIn()
  const create = (...more: string[]) => it.argocd(['app', 'create', 'american-predictor', ...flags, ...more])
  expect(await create('--sync-policy', 'none')).toMatchObject({
    status: 0,
    stdout: "application 'american-predictor' created\n",
  })
  const [request] = asked(it, 'POST', '/api/v1/applications')
  expect(request?.query).toEqual({ upsert: 'false', validate: 'true' })
  expect(request?.body).toMatchObject({ metadata: { name: 'american-predictor' }, spec: { source: { repoURL: repo } } })
  expect(await create()).toMatchObject({ status: 0, stdout: "application 'american-predictor' unchanged\n" })
  const refused = await create('--revision', 'other')
  expect(refused.status).toBe(1)
  expect(refused.stderr).toBe(
    'error: application american-predictor is there already, and differs: difference in keys "source"\nhint: --upsert writes over it\n',
  )
  expect(await create('--revision', 'other', '--upsert')).toMatchObject({
    stdout: "application 'american-predictor' updated\n",
  })
  const elsewhere = await it.argocd([
    'app',
    'create',
    'x',
    '--repo',
    'https://nowhere.example.org/x.git',
    '--path',
    '.',
  ])
  expect(elsewhere.stderr).toContain('InvalidSpecError: repository not accessible')
  const unchecked = [
    'app',
    'create',
    'x',
    '--repo',
    'https://nowhere.example.org/x.git',
    '--path',
    '.',
    '--validate=false',
  ]
  expect(await it.argocd(unchecked)).toMatchObject({ status: 0 })
})

test('a project comes along, allows just this, and can be listed, shown and deleted', async () => {
  const it = await loggedIn()
  const args = ['app', 'create', 'american-predictor', ...flags, '--project', 'student-project']
  expect((await it.argocd(args)).stderr).toContain('references project student-project which does not exist')
  expect((await it.argocd([...args, '--create-project'])).stdout).toBe(
    "project 'student-project' created\napplication 'american-predictor' created\n",
  )
  const clean = parse((await it.argocd(['proj', 'get', 'student-project', '-o', 'yaml'])).stdout)
  expect(await schemaProblems(clean, '1.34')).toEqual([])
  expect(clean.spec.sourceRepos).toEqual([repo])
  expect((await it.argocd(['proj', 'list', '-o', 'name'])).stdout).toBe('default\nstudent-project\n')
  expect((await it.argocd(['proj', 'list'])).stdout).toContain('https://kubernetes.default.svc,lab')
  expect((await it.argocd(['proj', 'delete', 'student-project'])).stderr).toContain('referenced by 1 applications')
  const made = [
    'proj',
    'create',
    'other',
    '-s',
    repo,
    '-d',
    'https://kubernetes.default.svc,lab',
    '--orphaned-resources-warn=false',
  ]
  expect((await it.argocd(made)).stdout).toBe("project 'other' created\n")
  expect((await it.argocd(['proj', 'get', 'other'])).stdout).toMatch(/^Name: +other\n/)
  expect((await it.argocd(['proj', 'delete', 'other'])).stdout).toBe("project 'other' deleted\n")
})

test('a sync shows each object as it comes, and how it ended', async () => {
  const it = await loggedIn()
  await it.argocd(['app', 'create', 'web', ...flags])
  const { status, stdout } = await it.argocd([
    'app',
    'sync',
    'web',
    '--resource',
    ':Service:web',
    '--resource',
    'apps:Deployment:web',
    '--info',
    'by=test',
  ])
  expect(status).toBe(0)
  expect(stdout).toMatch(/^TIMESTAMP +GROUP +KIND +NAMESPACE +NAME +STATUS +HEALTH +HOOK +MESSAGE\n/)
  expect(stdout).toMatch(/apps +Deployment +lab +web +OutOfSync +Missing +waiting\n/)
  expect(stdout).toMatch(/apps +Deployment +lab +web +Synced +Healthy +deployment\/web configured\n/)
  expect(stdout).toMatch(/\nPhase: +Succeeded\n/)
  expect(stdout).toMatch(/\nSync Status: +Synced to HEAD \(aaaaaaa\)\n/)
  expect(asked(it, 'POST', '/api/v1/applications/web/sync')[0]?.body).toEqual({
    name: 'web',
    dryRun: false,
    prune: false,
    strategy: { hook: { force: false } },
    resources: [
      { group: '', kind: 'Service', name: 'web' },
      { group: 'apps', kind: 'Deployment', name: 'web' },
    ],
    infos: [{ name: 'by', value: 'test' }],
  })
})

test('a sync that fails is exit status 2 with the reason, and streams that end are opened again', async () => {
  const it = await loggedIn()
  it.server.controller.repositories.set(
    repo,
    new Map([['aaaaaaa1', [service, { ...deployment, breaks: 'spec.replicas: must be a number' }]]]),
  )
  await it.argocd(['app', 'create', 'web', ...flags])
  it.server.impatientProxies = 1
  it.server.brokenStreams = 1
  const { status, stdout, stderr } = await it.argocd(['app', 'sync', 'web'])
  expect(status).toBe(2)
  expect(stdout).toContain('spec.replicas: must be a number')
  expect(stderr).toBe('error: the operation of web ended as Failed: one or more objects failed to apply\n')
  expect([it.server.impatientProxies, it.server.brokenStreams]).toEqual([0, 0])
})

test('what the repository has no more is told of, and goes with --prune', async () => {
  const it = await loggedIn()
  await it.argocd(['app', 'create', 'web', ...flags])
  await it.argocd(['app', 'sync', 'web'])
  it.server.controller.repositories.get(repo)?.set('bbbbbbb2', [service])
  expect(await it.argocd(['app', 'sync', 'web'])).toMatchObject({
    status: 2,
    stderr: 'error: --prune would remove objects of web that the repository no longer has: 1\n',
  })
  expect((await it.argocd(['app', 'sync', 'web', '--dry-run'])).status).toBe(0)
  expect(await it.argocd(['app', 'sync', 'web', '--prune=true'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('pruned'),
  })
})

test('what a sync would change is shown, with an exit status of its own', async () => {
  const it = await loggedIn()
  await it.argocd(['app', 'create', 'web', ...flags])
  await it.argocd(['app', 'sync', 'web'])
  expect(await it.argocd(['app', 'diff', 'web'])).toMatchObject({ status: 0, stdout: 'Nothing differs.\n' })
  it.server.controller.repositories.get(repo)?.set('bbbbbbb2', [service, { ...deployment, text: 'image 2' }])
  const { status, stdout } = await it.argocd(['app', 'diff', 'web', '--refresh'])
  expect(status).toBe(1)
  expect(stdout).toContain('apps/Deployment lab/web')
  expect(stdout).toMatch(/-.*text: image 1\n\+.*text: image 2/)
  expect((await it.argocd(['app', 'diff', 'web', '--exit-code=false'])).status).toBe(0)
})

test('history and rollback: not while it syncs by itself', async () => {
  const it = await loggedIn()
  await it.argocd(['app', 'create', 'web', ...flags, '--sync-policy', 'auto'])
  await it.argocd(['app', 'sync', 'web'])
  expect((await it.argocd(['app', 'rollback', 'web'])).stderr).toBe(
    'error: the history of web has no earlier revision\nhint: it has 0: mlops argocd app history\n',
  )
  it.server.controller.repositories.get(repo)?.set('bbbbbbb2', [service, { ...deployment, text: 'image 2' }])
  await it.argocd(['app', 'sync', 'web'])
  expect((await it.argocd(['app', 'history', 'web', '-o', 'id'])).stdout).toBe('0\n1\n')
  expect((await it.argocd(['app', 'history', 'web'])).stdout).toContain('(bbbbbbb)')
  const refused = await it.argocd(['app', 'rollback', 'web'])
  expect(refused.stderr).toContain(
    'rollback cannot be initiated when auto-sync is enabled\nhint: mlops argocd app set NAME --sync-policy none',
  )
  expect((await it.argocd(['app', 'set', 'web', '--sync-policy', 'none'])).stdout).toBe("application 'web' updated\n")
  expect(await it.argocd(['app', 'rollback', 'web'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('Sync Revision:      aaaaaaa1'),
  })
})

test('it is waited for until it is synced and healthy, or in vain', async () => {
  const it = await loggedIn()
  await it.argocd(['app', 'create', 'web', ...flags, '-l', 'team=lab'])
  const vain = await it.argocd(['app', 'wait', 'web', '--timeout', '1'])
  expect(vain).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('web is not as wanted after 1 s: '),
  })
  expect(await it.argocd(['app', 'sync', '-l', 'team=lab', '--async'])).toMatchObject({ status: 0, stdout: '' })
  expect((await it.argocd(['app', 'wait', 'web'])).status).toBe(0)
  expect((await it.argocd(['app', 'sync', '-l', 'team=other'])).stderr).toContain(
    'no Application has the labels team=other',
  )
  expect((await it.argocd(['app', 'sync'])).stderr).toContain('which Application?')
  const cwd = folder({ 'mlops.yml': 'name: web\ntarget: kubernetes\n' })
  const ended = JSON.parse((await it.argocd(['app', 'sync', '-o', 'json'], { cwd })).stdout)
  expect(ended).toMatchObject({ metadata: { name: 'web' }, status: { operationState: { phase: 'Succeeded' } } })
})

test('what was well and becomes Degraded is waited for no longer', async () => {
  const it = await loggedIn()
  await it.argocd(['app', 'create', 'web', ...flags])
  it.server.controller.becomes('web', 'Progressing', '')
  const { status, stderr } = await it.argocd(['app', 'wait', 'web', '--health', '--sync'], {
    onOutput: () => it.server.controller.becomes('web', 'Degraded', 'the image cannot be pulled'),
  })
  expect(status).toBe(2)
  expect(stderr).toContain('error: web has become Degraded, from Progressing: the image cannot be pulled\n')
})

test('Ctrl-C ends the waiting, and the sync goes on', async () => {
  const it = await loggedIn()
  await it.argocd(['app', 'create', 'web', ...flags])
  const { status, stderr } = await it.argocd(['app', 'wait', 'web'], {
    onOutput: interruptOnce(),
  })
  expect([status, stderr]).toEqual([99, '\ninterrupted: it goes on in Argo CD\n'])
})

test('get and list show what is there; as YAML it can be applied again', async () => {
  const it = await loggedIn()
  await it.argocd(['app', 'create', 'web', ...flags, '-l', 'team=lab'])
  await it.argocd(['app', 'sync', 'web'])
  const shown = (await it.argocd(['app', 'get', 'web', '--show-operation'])).stdout
  expect(shown).toMatch(/^Name: +argocd\/web\nProject: +default\n/)
  expect(shown).toMatch(/Health Status: +Healthy\n/)
  expect(shown).toMatch(/Phase: +Succeeded\n/)
  expect(shown).toMatch(/\n +Service +lab +web +Synced +Healthy/)
  const yaml = (await it.argocd(['app', 'get', 'web', '-o', 'yaml'])).stdout
  expect(await schemaProblems(parse(yaml), '1.34')).toEqual([])
  expect(Object.keys(parse(yaml))).toEqual(['apiVersion', 'kind', 'metadata', 'spec'])
  expect(await it.argocd(['app', 'create', '-f', '-'], { input: yaml })).toMatchObject({
    stdout: "application 'web' unchanged\n",
  })
  expect(JSON.parse((await it.argocd(['app', 'get', 'web', '-o', 'json'])).stdout).status.sync.status).toBe('Synced')
  const lines = (await it.argocd(['app', 'list', '-l', 'team=lab'])).stdout.split('\n')
  expect(lines[1]).toMatch(
    new RegExp(
      `^argocd/web +https://kubernetes.default.svc +lab +default +Synced +Healthy +Manual +<none> +${repo} +\\.`,
    ),
  )
  expect((await it.argocd(['app', 'list', '-o', 'names'])).stderr).toContain('did you mean `name`?')
  expect((await it.argocd(['app', 'get', 'wob'])).stderr).toContain(
    'application wob: there is no such thing, or this account may not do this',
  )
})

test('logs come with their pods, can be filtered, and are followed until Ctrl-C', async () => {
  const it = await loggedIn()
  await it.argocd(['app', 'create', 'web', ...flags])
  it.server.logs.set('web-1', ['started', 'GET /readyz', '\u001b[31mred']).set('web-2', ['started'])
  expect((await it.argocd(['app', 'logs', 'web', '--tail', '2'])).stdout).toBe(
    'web-1 | GET /readyz\nweb-1 | red\nweb-2 | started\n',
  )
  expect((await it.argocd(['app', 'logs', 'web', '--filter', 'GET'])).stdout).toBe('web-1 | GET /readyz\n')
  const followed = await it.argocd(['app', 'logs', 'web', '-f', '-c', 'web', '--kind', 'Deployment', '--name', 'web'], {
    onOutput: interruptOnce(),
  })
  expect(followed).toMatchObject({ status: 0, stderr: '' })
  expect(it.server.asked.at(-1)?.query).toEqual({
    follow: 'true',
    container: 'web',
    kind: 'Deployment',
    resourceName: 'web',
  })
})

test('delete asks, takes along what it made, or leaves that running', async () => {
  const it = await loggedIn()
  await it.argocd(['app', 'create', 'web', ...flags])
  expect((await it.argocd(['app', 'delete', 'web'])).stderr).toContain(
    'web and what it made would be deleted, and nobody is here to agree',
  )
  expect(await it.argocd(['app', 'delete', 'web', '--yes', '--wait'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("application 'web' deleted\n"),
  })
  await it.argocd(['app', 'create', 'web', ...flags])
  expect((await it.argocd(['app', 'delete', 'web', '--cascade=false'])).status).toBe(0)
  expect(it.server.asked.filter(({ method }) => method === 'DELETE').map(({ query }) => query)).toEqual([
    { cascade: 'true' },
    { cascade: 'false' },
  ])
  expect((await it.argocd(['app', 'list', '-o', 'name'])).stdout).toBe('')
})

test('an ended token says to log in again, and is in no error', async () => {
  const it = await loggedIn()
  it.server.expireTokens()
  const { status, stderr } = await it.argocd(['app', 'list'])
  expect([status, stderr]).toEqual([
    1,
    'error: Argo CD does not let us in: invalid session: token has invalid claims: token is expired\nhint: mlops argocd relogin, or login SERVER; tokens end after a day\n',
  ])
})

test('who logs in again is the same user at the same server', async () => {
  const it = await loggedIn()
  it.server.expireTokens()
  const { status, stdout } = await it.argocd(['relogin', '--password-stdin'], { input: 'correct horse\n' })
  expect([status, stdout]).toEqual([0, `'admin' logged in successfully\nContext '${it.server.address}' updated\n`])
  expect((await it.argocd(['app', 'list', '-o', 'name'])).status).toBe(0)
})

test('without a login the resource is written, to standard output or to a file', async () => {
  const { argocd, home } = await lab()
  const shown = await argocd([
    'app',
    'create',
    'american-predictor',
    ...flags,
    '--project',
    'student-project',
    '--create-project',
  ])
  expect(shown).toMatchObject({ status: 0, stderr: expect.stringContaining('written only, since nobody is logged in') })
  const [project, application] = shown.stdout.split('---\n').map(text => parse(text))
  expect(await schemaProblems(project, '1.34')).toEqual([])
  expect(await schemaProblems(application, '1.34')).toEqual([])
  expect(application.metadata).toEqual({ name: 'american-predictor', namespace: 'argocd' })
  expect(await argocd(['app', 'create', 'american-predictor', ...flags, '-o', 'application.yaml'])).toEqual({
    status: 0,
    stdout: 'application.yaml\n',
    stderr: '',
  })
  const json = await argocd(['app', 'create', '-f', 'application.yaml', '--revision', 'v2', '-o', 'json'])
  expect(JSON.parse(json.stdout).spec).toMatchObject({ source: { path: '.', targetRevision: 'v2' } })
  expect(readFileSync(join(home, 'application.yaml'), 'utf8')).toMatch(
    /^apiVersion: argoproj.io\/v1alpha1\nkind: Application\n/,
  )
})

test('a file that holds something else, or is no YAML, is told of with its place', async () => {
  const { argocd } = await lab()
  const cwd = folder({ 'a.yaml': `apiVersion: v1\nkind: Service\n---\nmetadata: {\n`, 'b.yaml': '' })
  const { status, stderr } = await argocd(['app', 'create', '-f', 'a.yaml'], { cwd })
  expect(status).toBe(1)
  expect(stderr).toContain('error: this is a Service, and no Application\n  --> a.yaml:1:1')
  expect(stderr).toMatch(/--> a\.yaml:\d+:\d+/)
  expect((await argocd(['app', 'create', '-f', 'b.yaml'], { cwd })).stderr).toContain('b.yaml holds no Application')
  expect((await argocd(['app', 'create', '-f', 'c.yaml'], { cwd })).stderr).toContain(
    'c.yaml cannot be read: no such file or directory',
  )
})

test('unknown flags are errors with near ones', async () => {
  const { argocd } = await lab()
  const { status, stderr } = await argocd(['app', 'create', 'a', '--sync-polcy', 'auto'])
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining("unknown option '--sync-polcy'\n(Did you mean --sync-policy?)"),
  ])
  expect((await argocd(['app', 'craete', 'a'])).stderr).toContain('Did you mean create?')
})

test('a project on Kubernetes gives name, namespace, repository, folder and branch', async () => {
  const { argocd } = await lab()
  const text = `name: tweets
target: kubernetes
kubernetes:
  namespace: student
  publish: { repository: ${repo}, branch: main, path: specs }
`
  const { stdout } = await argocd(['app', 'create', '-o', 'yaml', '--sync-policy', 'auto'], {
    cwd: folder({ 'mlops.yml': text }),
  })
  expect(parse(stdout)).toMatchObject({
    metadata: { name: 'tweets' },
    spec: {
      source: { repoURL: repo, path: 'specs', targetRevision: 'main' },
      destination: { namespace: 'student', server: 'https://kubernetes.default.svc' },
    },
  })
})

test('a repository on this machine is none for Argo CD', async () => {
  const cwd = folder({
    'mlops.yml': 'name: tweets\ntarget: kubernetes\nkubernetes: { publish: { repository: ./specs } }\n',
  })
  const args = ['argocd', 'app', 'create', '-o', 'yaml']
  const { status, stderr } = await mlops(args, { cwd })
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/Argo CD cannot reach \S+\/specs: it is a path of this machine\n {2}--> mlops\.yml:3:26/),
  ])
  expect((await mlops([...args, '--repo', repo], { cwd })).status).toBe(0)
})

test('the numbers of pods of a project on Kubernetes are left to its autoscalers', async () => {
  const { argocd } = await lab()
  const cwd = folder({
    'mlops.yml': `name: tweets\ntarget: kubernetes\nkubernetes: { publish: { repository: ${repo} } }\n`,
  })
  const { stdout } = await argocd(['app', 'create', '-o', 'yaml', '--sync-option', 'CreateNamespace=true'], { cwd })
  const application = parse(stdout)
  expect(application.spec.ignoreDifferences).toEqual([
    { group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] },
  ])
  expect(application.spec.syncPolicy.syncOptions).toEqual([
    'CreateNamespace=true',
    'PruneLast=true',
    'RespectIgnoreDifferences=true',
  ])
  expect(await schemaProblems(application, '1.34')).toEqual([])
})

test('with --core it goes into the cluster of the kubeconfig, and is read from there', async () => {
  const it = await lab()
  const cluster = await apiServer()
  const cwd = folder({ kubeconfig: cluster.kubeconfig })
  const env = { KUBECONFIG: join(cwd, 'kubeconfig') }
  const core = (...args: string[]) => it.argocd([...args, '--core', '-N', 'lab'], { cwd, env })
  const args = ['app', 'create', 'web', ...flags]
  expect((await core(...args)).stdout).toBe("application 'web' created\n")
  const [patch] = cluster.asked.filter(({ method }) => method === 'PATCH')
  expect(patch).toMatchObject({ contentType: 'application/apply-patch+yaml', query: { fieldManager: 'mlops' } })
  expect((await core(...args)).stdout).toBe("application 'web' unchanged\n")
  expect((await core(...args, '--revision', 'v2')).stderr).toContain(
    'is there already, and differs from this\nhint: --upsert',
  )
  expect((await core(...args, '--revision', 'v2', '--upsert')).stdout).toBe("application 'web' updated\n")
  expect((await core('app', 'list', '-o', 'name')).stdout).toBe('web\n')
  expect(parse((await core('app', 'get', 'web', '-o', 'yaml')).stdout).spec.source.targetRevision).toBe('v2')
  expect((await core('app', 'get', 'web', '--refresh')).stderr).toContain('which --core does without')
  expect((await core('app', 'sync', 'web')).stderr).toContain(
    'this takes the server of Argo CD, which --core does without',
  )
  expect((await core('app', 'delete', 'web', '-y')).stdout).toBe("application 'web' deleted\n")
  expect((await core('app', 'get', 'web')).stderr).toContain('namespace lab has no application web')
})

test('the commands of the guide are taken as they stand there', async () => {
  const it = await lab()
  it.server.users.set('student', 'first password')
  const specs = 'https://git.example.org/student/specs.git'
  it.server.controller.repositories.set(specs, new Map([['aaaaaaa1', [deployment]]]))
  it.server.controller.project('POST', undefined, { project: { metadata: { name: 'student-project' }, spec: {} } })
  const cwd = folder({
    'mlops.yml': `name: tweets\ntarget: kubernetes\nkubernetes: { publish: { repository: ${specs} } }\n`,
  })
  const guide = readFileSync(join(root, 'docs/guide/argocd.md'), 'utf8').replace(/\\\n */g, '')
  const commands = [...guide.matchAll(/^\$ mlops argocd (.*?)(?: > .*)?$/gm)].map(([, line = '']) =>
    line.trim().split(/ +/),
  )
  expect(commands.length).toBeGreaterThan(6)
  for (const args of commands) {
    // the server of the tests is elsewhere, speaks no TLS, and nobody sits at a terminal
    const [command] = args
    const login = command === 'login' ? ['--plaintext', '--password-stdin'] : []
    const password = args[1] === 'update-password' ? ['--password-stdin'] : []
    const said = args.map(word => (word === 'localhost:32535' ? it.server.address : word))
    const ran = await it.argocd([...said, ...login, ...password], { cwd, input: 'first password\nnext password\n' })
    expect([args.join(' '), ran.stderr.replace(/^warning: --insecure .*\n/, ''), ran.status]).toEqual([
      args.join(' '),
      '',
      0,
    ])
  }
  expect(await schemaProblems(parse(readFileSync(join(cwd, 'application.yaml'), 'utf8')), '1.34')).toEqual([])
})

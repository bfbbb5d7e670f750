import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ApiServer, apiServer, kubeconfigFor } from '../rig/api-server.ts'
import { folder, mlops, type Ran } from '../rig/mlops.ts'

const american = `name: tweets
target: kubernetes
kubernetes:
  image: registry.example.org/team/predictor:3f2a9c1
  models: { american: { folder: model } }
vars: { served_models: [american] }
`
const whole = `name: lab
target: kubernetes
kubernetes:
  image: registry.example.org/team/predictor:3f2a9c1
  models: { american: { folder: model }, diabetes: { folder: model } }
`

function project(text: string, kubeconfig = ''): string {
  return folder({ 'mlops.yml': text, 'model/model.json': '{}', 'model/training-rows.txt': 'rows', kubeconfig })
}

interface Lab {
  readonly server: ApiServer
  readonly cwd: string
  k8s(...args: string[]): Promise<Ran>
}

async function lab(text: string): Promise<Lab> {
  const server = await apiServer()
  const cwd = project(text, server.kubeconfig)
  const env = { KUBECONFIG: join(cwd, 'kubeconfig') }
  return {
    server,
    cwd,
    k8s: (...args) => mlops(args[0] === 'scale' || args[0] === 'status' ? args : ['k8s', ...args], { cwd, env }),
  }
}

const patches = ({ server }: Lab) => server.asked.filter(({ method }) => method === 'PATCH')

test('render writes the same bytes twice, and takes away what is no more', async () => {
  const cwd = project(american)
  const [one, two] = [await mlops(['k8s', 'render'], { cwd }), await mlops(['k8s', 'render'], { cwd })]
  expect(one.status).toBe(0)
  expect(two.stdout).toBe(one.stdout)
  expect(one.stdout).toContain('name: american-predictor-deployment')
  const listed = await mlops(['k8s', 'render', '--solution', '1', '--output', 'out'], {
    cwd: project(whole),
  })
  expect(listed.stdout).toContain('out/production-deployment.yaml')
  const files = async (...args: string[]) => (await mlops(['k8s', 'render', '-o', 'out', ...args], { cwd })).stdout
  expect(await files('--format', 'kustomize')).toContain('out/overlays/prod/kustomization.yaml')
  expect(await files()).toContain('out/deployment.yaml')
  expect(existsSync(join(cwd, 'out/base/deployment.yaml'))).toBe(false)
  expect(readFileSync(join(cwd, 'out/deployment.yaml'), 'utf8')).toContain('replicas: 2')
})

test('where render cannot write, it says so, and it removes nothing outside of its folder', async () => {
  const cwd = project(american)
  const refused = await mlops(['k8s', 'render', '-o', 'mlops.yml'], { cwd })
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('mlops.yml cannot be written: ')])
  writeFileSync(join(cwd, 'kept'), 'mine')
  mkdirSync(join(cwd, 'out'))
  writeFileSync(join(cwd, 'out/.mlops-rendered'), '../kept\n')
  expect((await mlops(['k8s', 'render', '-o', 'out'], { cwd })).status).toBe(0)
  expect(readFileSync(join(cwd, 'kept'), 'utf8')).toBe('mine')
})

test('a model that is not there yet is missed with the command that makes it', async () => {
  const cwd = folder({ 'mlops.yml': american })
  const { status, stderr } = await mlops(['k8s', 'render'], { cwd })
  expect([status, stderr]).toEqual([1, expect.stringContaining(`there is no model in ${join(cwd, 'model')}`)])
  expect(stderr).toContain('mlops train american --model-dir')
})

test('a flag that cannot be read points to the help of that very command', async () => {
  const { status, stderr } = await mlops(['k8s', 'apply', '--namespace', 'Bad_Name'])
  expect([status, stderr]).toEqual([1, expect.stringContaining('It must be small letters, digits and `-`')])
  expect(stderr).toContain('(mlops k8s apply --help shows its options)')
})

test('what is no name of an image is refused before anything is made of it', async () => {
  const { status, stderr } = await mlops(['k8s', 'render', '--image', 'predictor:a:b'], { cwd: project(american) })
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: "predictor:a:b" is not the name of an image: a tag has/),
  ])
})

test('render does not write over a file that somebody else wrote', async () => {
  const cwd = folder({ 'mlops.yml': american, 'model/model.json': '{}', 'out/deployment.yaml': 'mine\n' })
  const { status, stderr } = await mlops(['k8s', 'render', '-o', 'out'], { cwd })
  expect([status, stderr]).toEqual([1, expect.stringContaining('is there, and not from an earlier rendering')])
  expect(readFileSync(join(cwd, 'out/deployment.yaml'), 'utf8')).toBe('mine\n')
})

test('passwords are in files of their own that others cannot read and git does not take', async () => {
  const cwd = project(`${whole}vars: { broker_password: a long password }\n`)
  const printed = await mlops(['k8s', 'render'], { cwd })
  expect(printed.stdout).not.toMatch(/a long password|YSBsb25nIHBhc3N3b3Jk|kind: Secret/)
  expect(printed.stderr).toContain('Secret lab-broker-account of lab is left out here')
  await mlops(['k8s', 'render', '-o', 'out'], { cwd })
  expect(statSync(join(cwd, 'out/broker-secret.yaml')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(cwd, 'out/.gitignore'), 'utf8')).toBe('/broker-secret.yaml\n')
})

test('what is missing is said at once', async () => {
  const cwd = folder({ 'mlops.yml': 'name: a\ntarget: kubernetes\n' })
  const { status, stderr } = await mlops(['k8s', 'render'], { cwd })
  expect(status).toBe(1)
  expect(stderr).toContain('which image?')
  expect(stderr).toContain('where do pods get the model diabetes?')
  expect(stderr).toContain('where do pods get the model american?')
})

test('what is missing is told with its place in mlops.yml', async () => {
  const image = 'kubernetes: { image: registry.example.org/predictor }\n'
  const cwd = folder({ 'mlops.yml': `name: a\ntarget: kubernetes\n${image}vars:\n  served_models: [amercan]\n` })
  const { stderr } = await mlops(['k8s', 'render'], { cwd })
  expect(stderr).toContain(
    'which tag of registry.example.org/predictor? None was pushed from here yet\n  --> mlops.yml:3:15',
  )
  expect(stderr).toContain('there is no model amercan\n  --> mlops.yml:5:19')
  expect(stderr).toContain('hint: did you mean `american`?')
  writeFileSync(join(cwd, 'mlops.yml'), 'name: a\ntarget: kubernetes\n')
  const bare = await mlops(['k8s', 'render'], { cwd })
  expect(bare.stderr).toMatch(/which image\? .*\n {2}--> mlops\.yml:2:1/)
})

test('apply sends server-side apply under its own name, and a second one changes nothing', async () => {
  const it = await lab(american)
  const first = await it.k8s('apply')
  expect(first.stderr).toContain('waiting: american-predictor-deployment 2/2')
  expect(first).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('Deployment american-predictor-deployment created'),
  })
  for (const { query, contentType, body } of patches(it)) {
    expect(contentType).toBe('application/apply-patch+yaml')
    expect(query).toEqual({ fieldManager: 'mlops', force: 'false' })
    expect(body['metadata'].namespace).toBe('lab')
  }
  // what the client's own models would rename or drop
  const policy = patches(it).find(({ body }) => body['kind'] === 'NetworkPolicy')
  expect(policy?.body['spec'].ingress).toEqual([{ ports: [{ protocol: 'TCP', port: 5008 }] }])
  const before = it.server.asked.length
  const second = await it.k8s('apply')
  expect(second.stdout).toMatch(/(unchanged\n)+nothing to do in namespace lab/)
  expect(it.server.asked.slice(before).filter(({ method }) => method === 'DELETE' || method === 'POST')).toEqual([])
})

test('a dry run is checked by the cluster, and changes nothing', async () => {
  const it = await lab(american)
  expect((await it.k8s('apply', '--dry-run')).stdout).toContain(
    'Deployment american-predictor-deployment created (dry run)',
  )
  expect(new Set(patches(it).map(({ query }) => query['dryRun']))).toEqual(new Set(['All']))
  expect(it.server.objects.size).toBe(0)
})

test('diff shows what would change, with an exit status for scripts', async () => {
  const it = await lab(american)
  await it.k8s('apply')
  expect(await it.k8s('diff', '--detailed-exitcode')).toMatchObject({ status: 0, stdout: 'Nothing differs.\n' })
  const changed = await it.k8s('diff', '--detailed-exitcode', '--image', 'registry.example.org/team/predictor:next')
  expect(changed.status).toBe(3)
  expect(changed.stdout).toContain('-          image: registry.example.org/team/predictor:3f2a9c1')
  expect(changed.stdout).toContain('+          image: registry.example.org/team/predictor:next')
})

test('a conflict names field and manager, keeps nothing else from being applied, and can be forced', async () => {
  const it = await lab(american)
  const message = 'conflict with "kubectl" using apps/v1'
  it.server.intercept = ({ method, body, query }) =>
    method === 'PATCH' && body['kind'] === 'Deployment' && query['force'] !== 'true'
      ? {
          status: 409,
          body: {
            kind: 'Status',
            reason: 'Conflict',
            message: 'Apply failed',
            details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas', message }] },
          },
        }
      : undefined
  const { status, stdout, stderr } = await it.k8s('apply')
  expect(status).toBe(2)
  expect(stderr).toContain(`Deployment american-predictor-deployment FAILED: conflict over .spec.replicas (${message})`)
  expect(stderr).toContain('--force-conflicts')
  expect(stdout).toContain('HorizontalPodAutoscaler american-predictor created')
  expect(await it.k8s('apply', '--force-conflicts')).toMatchObject({ status: 0 })
})

test('a cluster that asks to wait is asked again, and a changed object, too', async () => {
  const it = await lab(american)
  const left = [
    {
      status: 429,
      body: { kind: 'Status', reason: 'TooManyRequests', message: 'later' },
      headers: { 'retry-after': '0' },
    },
    { status: 409, body: { kind: 'Status', reason: 'Conflict', message: 'the object has been modified' } },
  ]
  it.server.intercept = ({ method }) => (method === 'PATCH' ? left.shift() : undefined)
  expect(await it.k8s('apply')).toMatchObject({ status: 0 })
  expect(left).toEqual([])
})

test('watches that are told 410 Gone list again and go on', async () => {
  const it = await lab(american)
  it.server.expiredWatches = 3
  expect(await it.k8s('apply')).toMatchObject({ status: 0 })
  expect(it.server.expiredWatches).toBe(0)
  const lists = it.server.asked.filter(
    ({ path, query }) => path.endsWith('/deployments') && query['watch'] === undefined,
  )
  expect(lists.length).toBeGreaterThan(1)
})

test('watches that end, or are refused with 410, are begun again', async () => {
  const it = await lab(american)
  const left = [
    { status: 410, body: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' } },
    { status: 200, body: {} },
    { status: 500, body: { kind: 'Status', code: 500, reason: 'InternalError', message: 'not now' } },
  ]
  it.server.intercept = ({ query }) => (query['watch'] === 'true' ? left.shift() : undefined)
  expect(await it.k8s('apply')).toMatchObject({ status: 0 })
  expect(left).toEqual([])
})

test('of what does not come up, pod, event and last lines are shown', async () => {
  const it = await lab(american)
  it.server.brokenImages.add('registry.example.org/team/predictor:bad')
  const { status, stderr } = await it.k8s('apply', '--image', 'registry.example.org/team/predictor:bad')
  expect(status).toBe(2)
  expect(stderr).toContain('Deployment american-predictor-deployment does not come up: 0 of 2 pods are ready')
  expect(stderr).toContain('  pod american-predictor-deployment-abcde on node-1')
  expect(stderr).toContain('  container american-predictor: CrashLoopBackOff, back-off, exit status 1, 3 restarts')
  expect(stderr).toContain('  event BackOff: Back-off restarting failed container')
  expect(stderr).toContain('  american-predictor says: the model cannot be read')
  const log = it.server.asked.find(({ path }) => path.endsWith('/log'))
  expect(log?.query).toMatchObject({ container: 'american-predictor', previous: 'true' })
})

test('what the project no longer has goes, and what is not ours stays', async () => {
  const it = await lab(whole)
  await it.k8s('apply')
  it.server.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'somebody-else' } })
  const { status, stdout } = await it.k8s('apply', '--solution', '1')
  expect([status, stdout]).toEqual([0, expect.stringContaining('StatefulSet lab-broker deleted')])
  expect(stdout).toContain('Secret lab-broker-account deleted')
  expect(it.server.objects.has('ConfigMap somebody-else')).toBe(true)
  expect(it.server.objects.has('Deployment lab-production')).toBe(true)
  expect(await it.k8s('delete')).toMatchObject({ status: 1, stderr: expect.stringContaining('--yes') })
  expect(await it.k8s('delete', '--yes')).toMatchObject({ status: 0 })
  expect([...it.server.objects.keys()]).toEqual(['ConfigMap somebody-else'])
})

test('what cannot be removed is said, keeps nothing else from going, and is exit status 2', async () => {
  const it = await lab(whole)
  await it.k8s('apply')
  it.server.intercept = ({ method, path }) =>
    method === 'DELETE' && path.endsWith('/statefulsets/lab-broker')
      ? { status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'statefulsets is forbidden' } }
      : undefined
  const pruned = await it.k8s('apply', '--solution', '1')
  expect([pruned.status, pruned.stdout]).toEqual([2, expect.stringContaining('Deployment lab-web deleted')])
  expect(pruned.stderr).toContain('StatefulSet lab-broker FAILED: statefulsets is forbidden')
  expect(await it.k8s('delete', '--yes')).toMatchObject({ status: 2 })
  expect([...it.server.objects.keys()]).toEqual(['StatefulSet lab-broker'])
})

test('a password that nobody said is made up once, kept, and shown nowhere', async () => {
  const it = await lab(whole)
  const first = await it.k8s('apply')
  const { data } = it.server.objects.get('Secret lab-broker-account') as { data: Record<string, string> }
  const password = Buffer.from(data['RABBITMQ_DEFAULT_PASS'] ?? '', 'base64').toString()
  expect(password).toMatch(/^[0-9a-f]{48}$/)
  const second = await it.k8s('apply')
  expect(second.stdout).toContain('Secret lab-broker-account unchanged')
  expect(it.server.objects.get('Secret lab-broker-account')).toMatchObject({ data })
  for (const text of [first.stdout, first.stderr, second.stdout]) expect(text).not.toContain(password)
})

test('scale sets pods and the least of the autoscaler, and the next apply keeps it', async () => {
  const it = await lab(whole)
  await it.k8s('apply')
  expect(await it.k8s('scale', 'worker=7')).toMatchObject({
    status: 0,
    stdout: 'SERVICE  DEPLOYMENT  BEFORE  AFTER\nworker   lab-worker  2       7\n',
  })
  expect(patches(it).at(-1)).toMatchObject({
    contentType: 'application/merge-patch+json',
    body: { spec: { replicas: 7 } },
  })
  expect(it.server.objects.get('HorizontalPodAutoscaler lab-worker')).toMatchObject({
    spec: { minReplicas: 7, maxReplicas: 7 },
  })
  expect((await it.k8s('apply')).stdout).toContain('nothing to do')
  expect(await it.k8s('scale', 'wroker=2')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('did you mean `worker`?'),
  })
  expect(await it.k8s('status')).toMatchObject({ status: 0, stdout: expect.stringContaining('7/7') })
  expect((await it.k8s('scale', 'web=0')).stderr).toContain('[WARNING]: web=0: nobody answers users')
})

test('a kind that the cluster does not have keeps everything from being applied', async () => {
  const it = await lab(whole.replace('kubernetes:', 'kubernetes:\n  autoscale: queue'))
  const { status, stderr } = await it.k8s('apply')
  expect([status, stderr]).toEqual([1, expect.stringContaining('the cluster has no keda.sh/v1alpha1 ScaledObject')])
  expect(stderr).toContain('install KEDA')
  expect(patches(it)).toEqual([])
})

test('what the account may not do is said, and a cluster that is not there is an exit status of its own', async () => {
  const it = await lab(american)
  it.server.intercept = ({ path }) =>
    path.endsWith('/networkpolicies') || path.endsWith('/american-predictor')
      ? { status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'networkpolicies is forbidden' } }
      : undefined
  expect(await it.k8s('apply')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('networkpolicies is forbidden'),
  })
  const cwd = project(american, kubeconfigFor('http://127.0.0.1:1'))
  const away = await mlops(['k8s', 'apply'], { cwd, env: { KUBECONFIG: join(cwd, 'kubeconfig') } })
  expect([away.status, away.stderr]).toEqual([
    4,
    expect.stringContaining('the cluster at http://127.0.0.1:1 cannot be reached'),
  ])
  expect(away.stderr).not.toContain('Failed to fetch')
  const none = await mlops(['k8s', 'status', '--context', 'other'], {
    cwd,
    env: { KUBECONFIG: join(cwd, 'kubeconfig') },
  })
  expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('the kubeconfig has no context other')])
})

test('a kubeconfig that cannot be read is named, without the lines that may hold tokens', async () => {
  const cwd = folder({ 'mlops.yml': american, bad: 'token: secret words\nusers: [\nb: }\n', empty: '' })
  const status = (KUBECONFIG: string) => mlops(['k8s', 'status'], { cwd, env: { KUBECONFIG } })
  const hint = 'hint: KUBECONFIG names a kubeconfig; without it, it is ~/.kube/config\n'
  const gone = await status('gone')
  expect([gone.status, gone.stderr]).toEqual([
    1,
    `error: the kubeconfig gone cannot be read: there is no such file\n${hint}`,
  ])
  const bad = await status('bad')
  expect(bad.stderr).toMatch(/^error: the kubeconfig bad cannot be read: .*\n {2}--> bad:\d+:\d+\nhint: .*\n$/)
  expect(bad.stderr).not.toContain('secret words')
  expect((await status('empty')).stderr).toContain('the kubeconfig empty cannot be read: it does not hold what')
})

test('what is for servers says where the commands for a cluster are', async () => {
  const cwd = project(american)
  for (const command of ['history', 'provision', 'bake']) {
    const { status, stderr } = await mlops([command], { cwd })
    const said = expect.stringContaining('tweets runs on Kubernetes, and this is for servers')
    expect([command, status, stderr]).toEqual([command, 1, said])
  }
})

test('diff, rollback and delete say as JSON what becomes of each object', async () => {
  const it = await lab(american)
  await it.k8s('apply')
  const next = 'registry.example.org/team/predictor:next'
  const differs = JSON.parse((await it.k8s('diff', '--json', '--image', next)).stdout)
  const outcomes = Object.fromEntries(
    differs.objects.map((each: { object: string; outcome: string }) => [each.object, each.outcome]),
  )
  expect(outcomes).toMatchObject({
    'Deployment american-predictor-deployment': 'configured',
    'HorizontalPodAutoscaler american-predictor': 'unchanged',
  })
  const live = it.server.objects.get('Deployment american-predictor-deployment')
  const { apiVersion, metadata, spec } = live as Record<string, Record<string, unknown>>
  const named = { labels: metadata?.['labels'], annotations: { 'deployment.kubernetes.io/revision': '1' } }
  const ownerReferences = [{ apiVersion, kind: 'Deployment', name: metadata?.['name'], uid: 'u' }]
  it.server.put({ apiVersion, kind: 'ReplicaSet', metadata: { name: 'one', ...named, ownerReferences }, spec })
  const annotations = { 'deployment.kubernetes.io/revision': '2' }
  it.server.put({ ...live, metadata: { ...metadata, annotations } })
  const back = await it.k8s('rollback', '--json')
  expect(JSON.parse(back.stdout)).toMatchObject({
    namespace: 'lab',
    objects: [
      { object: 'Deployment american-predictor-deployment', revision: 1, runs: expect.stringContaining('3f2a9c1') },
    ],
  })
  it.server.objects.delete('ReplicaSet one')
  expect(await it.k8s('delete', '--json')).toMatchObject({ status: 1, stderr: expect.stringContaining('--yes') })
  const { objects } = JSON.parse((await it.k8s('delete', '--json', '--yes')).stdout)
  expect(objects).toContainEqual({ object: 'Deployment american-predictor-deployment', outcome: 'deleted' })
  expect(JSON.parse((await it.k8s('delete', '--json')).stdout).objects).toEqual([])
})

test('both commands for logs take the same times, and `mlops logs -n` is lines', async () => {
  const it = await lab(american)
  await it.k8s('apply')
  it.server.brokenImages.add('registry.example.org/team/predictor:bad')
  await it.k8s('apply', '--no-wait', '--image', 'registry.example.org/team/predictor:bad')
  const env = { KUBECONFIG: join(it.cwd, 'kubeconfig') }
  await mlops(['logs', '-n', '5', '--since', '1h30m'], { cwd: it.cwd, env })
  await it.k8s('logs', '--tail', '5', '--since', '1h30m')
  const asked = it.server.asked.filter(({ path }) => path.endsWith('/log'))
  expect(asked.map(({ query }) => [query['tailLines'], query['sinceSeconds']])).toEqual([
    ['5', '5400'],
    ['5', '5400'],
  ])
  expect(new Set(asked.map(({ path }) => path.split('/')[4]))).toEqual(new Set(['lab']))
  expect(await it.k8s('logs', '--since', 'noon')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('noon is no time'),
  })
  it.server.intercept = ({ path }) =>
    path.includes('/namespaces/5/')
      ? { status: 200, body: { kind: 'PodList', apiVersion: 'v1', items: [] } }
      : undefined
  expect((await it.k8s('logs', '-n', '5')).stderr).toContain('so many lines are --tail 5')
})

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiServer, apiServer } from '../rig/api-server.ts'
import { type Registry, startRegistry } from '../rig/registry.ts'
import { publishing, type Specs, specs } from '../rig/specs.ts'

let registry: Registry
let image: string

beforeAll(async () => {
  registry = await startRegistry()
  image = `${registry.host}/team/predictor`
  for (const tag of ['1', '2']) await registry.put('team/predictor', tag, { text: tag })
})

afterAll(() => registry?.stop())

interface Lab extends Specs {
  readonly server: ApiServer
}

async function lab(more = ''): Promise<Lab> {
  const server = await apiServer()
  const it = specs(publishing(`${image}:1`, more))
  const kubeconfig = join(it.cwd, 'kubeconfig')
  writeFileSync(kubeconfig, server.kubeconfig)
  const run: Specs['run'] = (args, options) =>
    it.run(args, { ...options, env: { KUBECONFIG: kubeconfig, ...options?.env } })
  return { ...it, server, run }
}

const images = (it: Specs, file = 'deployment.yaml') => /image: (\S+)/.exec(it.text(file))?.[1]
const subjects = (it: Specs) => it.git('log', '--format=%s', 'main').trim().split('\n')

test('deploy is a commit, and --wait goes on until the cluster has it and runs it', async () => {
  const it = await lab()
  expect(await it.run(['deploy'])).toMatchObject({ status: 0, stdout: expect.stringContaining('is on main of') })
  expect(it.server.asked).toEqual([])
  let taken: Promise<unknown> | undefined
  const waited = await it.run(['deploy', '--version', '2', '--wait', '60'], {
    onStart: child =>
      child.stderr?.on('data', text => {
        // what a controller in the cluster does when it sees the commit
        if (!String(text).includes('the cluster has yet to take')) return
        taken ??= it.run(['k8s', 'apply', '--image', `${image}:2`])
      }),
  })
  await taken
  expect([waited.status, waited.stderr]).toEqual([
    0,
    expect.stringContaining('waiting: the cluster has yet to take Deployment american-predictor-deployment\n'),
  ])
  expect(waited.stderr).toContain('waiting: american-predictor-deployment 2/2')
  expect(subjects(it)).toEqual(['Run predictor:2 in tweets', 'Run predictor:1 in tweets'])
})

test('a cluster that does not take the commit is an exit status of its own, and the commit stays', async () => {
  const it = await lab()
  const { status, stderr } = await it.run(['deploy', '--wait', '1'])
  expect([status, stderr]).toEqual([
    2,
    expect.stringContaining('the cluster did not take Deployment american-predictor-deployment in 1 s'),
  ])
  expect(images(it)).toBe(`${image}:1`)
  const none = await it.run(['deploy', '--version', '2', '--wait'], { env: { KUBECONFIG: join(it.cwd, 'none') } })
  expect(none.status).toBe(1)
  expect(images(it)).toBe(`${image}:1`)
})

test('without a repository deploy applies, and rollback takes the rollout back', async () => {
  const it = await lab()
  const file = join(it.cwd, 'mlops.yml')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/ {2}publish.*\n/, ''))
  const { status, stdout } = await it.run(['deploy', '--version', '2'])
  expect([status, stdout]).toEqual([0, expect.stringContaining('Deployment american-predictor-deployment created')])
  expect(JSON.stringify(it.server.objects.get('Deployment american-predictor-deployment'))).toContain(`${image}:2`)
  const back = await it.run(['rollback'])
  expect([back.status, back.stderr]).toEqual([1, expect.stringContaining('has an earlier revision')])
})

test.each([
  'manifests',
  'helm',
  'kustomize',
])('scale commits the numbers alone (%s), and a rollback keeps them', async format => {
  const it = await lab(`, format: ${format}`)
  const file = { manifests: 'deployment.yaml', helm: 'values.yaml', kustomize: 'base/deployment.yaml' }[format] ?? ''
  await it.run(['deploy'])
  await it.run(['deploy', '--version', '2'])
  // what changed in the project meanwhile is not deployed by the way
  writeFileSync(join(it.cwd, 'model/model.json'), '{"another": 1}')
  expect(await it.run(['scale', 'web=5'])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/BEFORE {2}AFTER\nweb {6}american-predictor-deployment {2}2 {7}5\n$/),
  })
  expect(it.git('diff', '--numstat', 'main~1', 'main')).not.toMatch(/configmap/)
  expect([images(it, file), /replicas: (\d)/.exec(it.text(file))?.[1]]).toEqual([`${image}:2`, '5'])
  const back = await it.run(['rollback'])
  expect([back.status, back.stdout]).toEqual([0, expect.stringContaining(`${file} changed`)])
  expect([images(it, file), /replicas: (\d)/.exec(it.text(file))?.[1]]).toEqual([`${image}:1`, '5'])
  // again: it goes live once more
  await it.run(['rollback'])
  expect(images(it, file)).toBe(`${image}:2`)
  expect(subjects(it).slice(0, 3)).toEqual([
    'Take tweets back to predictor:2',
    'Take tweets back to predictor:1',
    'Scale tweets: web=5',
  ])
  expect(it.server.asked).toEqual([])
  // the next deployment brings the project as it is, with the number that is remembered
  await it.run(['deploy', '--version', '2'])
  expect(/replicas: (\d)/.exec(it.text(file))?.[1]).toBe('5')
})

test('a rollback needs something to go back to, and an image that is still there', async () => {
  const it = await lab()
  const none = await it.run(['rollback'])
  expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('nothing was published so far')])
  await it.run(['deploy', '--version', 'gone', '--no-check'])
  const one = await it.run(['rollback'])
  expect([one.status, one.stderr]).toEqual([1, expect.stringContaining('nothing else was published before')])
  await it.run(['deploy'])
  const gone = await it.run(['rollback'])
  expect([gone.status, gone.stderr]).toEqual([1, expect.stringContaining(`there is no image ${image}:gone`)])
  expect(images(it)).toBe(`${image}:1`)
  const dry = await it.run(['rollback', '--no-check', '--dry-run'])
  expect(dry.stdout).toContain(`+          image: ${image}:gone`)
  expect(images(it)).toBe(`${image}:1`)
})

test('another model is another release: its digest is committed, and a rollback brings the one before', async () => {
  const it = await lab()
  await it.run(['deploy'])
  const digest = () => /mlops\/model-american: (\S+)/.exec(it.text('deployment.yaml'))?.[1]
  const before = digest()
  writeFileSync(join(it.cwd, 'model/model.json'), '{"another": 1}')
  await it.run(['deploy'])
  expect(digest()).not.toBe(before)
  const changed = it.text('model-american-configmap.yaml')
  await it.run(['rollback'])
  expect(digest()).toBe(before)
  expect(it.text('model-american-configmap.yaml')).not.toBe(changed)
})

test('what nobody published cannot be scaled, and flags for servers are told', async () => {
  const it = await lab()
  const { status, stderr } = await it.run(['scale', 'web=3'])
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining('there is no Deployment american-predictor-deployment in'),
  ])
  expect((await it.run(['scale', 'wbe=3'])).stderr).toContain('did you mean `web`?')
  const canary = await it.run(['deploy', '--canary', '10', '--max-errors', '2'])
  expect([canary.status, canary.stderr]).toEqual([
    1,
    "error: --canary, --max-errors is for servers, and this project's target is kubernetes\n",
  ])
})

test('logs and status mean the cluster', async () => {
  const it = await lab()
  await it.run(['k8s', 'apply'])
  it.server.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'american-predictor-1',
      labels: { 'app.kubernetes.io/managed-by': 'mlops', 'app.kubernetes.io/part-of': 'tweets' },
    },
    status: { phase: 'Running', containerStatuses: [{ name: 'american-predictor', ready: true, restartCount: 0 }] },
    spec: { containers: [{ name: 'american-predictor' }] },
  })
  const { status, stdout } = await it.run(['logs', '--tail', '7', '--since', '10m'])
  expect([status, stdout]).toEqual([0, expect.stringContaining('american-predictor-1 american-predictor | line one\n')])
  const log = it.server.asked.find(({ path }) => path.endsWith('/log'))
  expect(log?.query).toMatchObject({ tailLines: '7', sinceSeconds: '600' })
})

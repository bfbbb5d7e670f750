import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { failedShare, image, lab, model, next, reaches, said } from './lab.ts'

// Needs a cluster: that of KUBECONFIG, and an image that it can run: MLOPS_K8S_IMAGE, with a second tag in MLOPS_K8S_NEXT_IMAGE.
const it = lab('american')
const { k8s, kubectl } = it
const american = { served_models: ['american'] }
it.project({ models: { american: { folder: model('american') } } }, { vars: american })

/** A field of the Deployment. */
const deployment = (path: string) =>
  kubectl('get', 'deploy', 'american-predictor-deployment', '-o', `jsonpath={${path}}`)

test('it is applied and runs, and a second apply changes nothing', async () => {
  const missing = await k8s('apply', '--no-wait')
  expect([missing.status, said(missing)]).toEqual([2, expect.stringContaining('--create-namespace makes it')])
  const first = await k8s('apply', '--timeout', '550', '--create-namespace')
  expect(said(first)).toContain('Deployment american-predictor-deployment created')
  expect(first.status).toBe(0)
  // from here on the cluster lets no pod in that asks for more; before 1.23 this is a word like any other
  kubectl('label', 'namespace', it.namespace, 'pod-security.kubernetes.io/enforce=restricted')
  // what the cluster counts in an autoscaler changes by itself
  const versions = () =>
    kubectl('get', 'deploy,svc,configmap,networkpolicy', '-o', 'jsonpath={.items[*].metadata.resourceVersion}')
  const before = versions()
  expect((await k8s('apply')).stdout).toContain('nothing to do')
  expect(versions()).toBe(before)
  expect(await k8s('diff', '--detailed-exitcode')).toMatchObject({ status: 0, stdout: 'Nothing differs.\n' })
})

test('the pods answer, as nobody in particular, on a root that cannot be written', () => {
  const asked = `fetch("http://127.0.0.1:5008/api/american",{method:"POST",headers:{"content-type":"application/json"},body:JSON.stringify({text:"#covid19 new york"})}).then(r=>r.json()).then(r=>console.log(Object.keys(r).join()))`
  const inside = (...command: string[]) => kubectl('exec', 'deploy/american-predictor-deployment', '--', ...command)
  expect(inside('node', '-e', asked).trim()).toBe('is_american,version,model_date')
  expect(inside('id', '-u').trim()).toBe('1000')
  expect(() => inside('touch', '/app/written')).toThrow()
  expect(() => inside('ls', '/var/run/secrets/kubernetes.io')).toThrow()
})

test('the cluster adds nothing to what the pods may not do', () => {
  const contexts = (path: string) => JSON.parse(`[${path}]`) as unknown
  const wanted = contexts(deployment('.spec.template.spec.containers[*].securityContext'))
  const pods = kubectl('get', 'pods', '-o', 'jsonpath={.items[0].spec.containers[*].securityContext}')
  expect(contexts(pods)).toEqual(wanted)
})

test('the budget is counted, the autoscaler is read, and pods are on all nodes', async () => {
  const budget = () => kubectl('get', 'pdb', 'american-predictor', '-o', 'jsonpath={.status.disruptionsAllowed}')
  await expect.poll(budget, { timeout: 60_000 }).toBe('1')
  const scaler = kubectl('get', 'hpa', 'american-predictor', '-o', 'jsonpath={.spec.minReplicas}-{.spec.maxReplicas}')
  expect(scaler).toBe('2-6')
  expect((await it.mlops('status')).stdout).toMatch(/american-predictor-deployment +2\/2 +2-6 +Healthy/)
  const nodes = kubectl('get', 'nodes', '-o', 'name').trim().split('\n')
  const used = kubectl('get', 'pods', '-o', 'jsonpath={..nodeName}').split(' ')
  expect(new Set(used).size).toBe(Math.min(2, nodes.length))
})

test('who empties nodes gets one pod at a time', async () => {
  const pods = kubectl('get', 'pods', '-o', 'jsonpath={..metadata.name}').split(' ')
  const known = kubectl('api-versions').split('\n')
  const apiVersion = known.includes('policy/v1') ? 'policy/v1' : 'policy/v1beta1'
  const evict = (name: string) => {
    const file = join(it.cwd, 'eviction.json')
    writeFileSync(file, JSON.stringify({ apiVersion, kind: 'Eviction', metadata: { name, namespace: it.namespace } }))
    return kubectl('create', '--raw', `/api/v1/namespaces/${it.namespace}/pods/${name}/eviction`, '-f', file)
  }
  evict(pods[0] ?? '')
  expect(() => evict(pods[1] ?? '')).toThrow(/disruption budget/)
  expect((await k8s('apply')).status).toBe(0)
})

test('logs come from all pods', async () => {
  const logs = await k8s('logs', '--tail', '200')
  expect(logs.status).toBe(0)
  for (const pod of kubectl('get', 'pods', '-o', 'name').trim().split('\n'))
    expect(logs.stdout).toContain(pod.replace('pod/', ''))
})

test('it is scaled, and the next apply keeps the number', async () => {
  expect(await it.mlops('scale', 'web=3')).toMatchObject({ status: 0 })
  expect((await k8s('apply')).status).toBe(0)
  expect(await it.mlops('status')).toMatchObject({ status: 0, stdout: expect.stringContaining('3/3') })
})

test('a rollout that fails leaves the old pods, names what is wrong, and is taken back', async () => {
  const failed = await k8s('apply', '--image', `${image}-that-is-not-there`)
  expect(failed.status).toBe(2)
  expect(failed.stderr).toMatch(/container american-predictor: (ErrImagePull|ImagePullBackOff)/)
  expect(deployment('.status.availableReplicas')).toBe('3')
  const back = await k8s('rollback')
  expect(back.stdout).toContain(image)
  expect(back.status).toBe(0)
})

test('what somebody else sets is a conflict with a name, which can be taken over', async () => {
  kubectl('set', 'image', 'deploy/american-predictor-deployment', `american-predictor=${next}`, '--field-manager=else')
  const { status, stderr } = await k8s('apply')
  expect([status, stderr]).toEqual([2, expect.stringContaining('conflict with "else"')])
  expect(stderr).toContain('--force-conflicts')
  expect((await k8s('apply', '--force-conflicts', '--timeout', '550')).status).toBe(0)
  expect(deployment('.spec.template.spec.containers[0].image')).toBe(image)
})

test('a rollout under requests loses hardly any', async ({ skip }) => {
  const address = kubectl('get', 'svc', 'american-predictor-service', '-o', 'jsonpath={.spec.clusterIP}')
  if (!(await reaches(address, 5008))) skip('this machine does not reach Services of the cluster')
  const url = `http://${address}:5008/api/american`
  expect(await failedShare(it.cwd, url, 'k8s', 'apply', '--image', next, '--timeout', '550')).toBeLessThan(0.05)
  expect(deployment('.spec.template.spec.containers[0].image')).toBe(next)
})

test('a new image and a new model are rolled out', async () => {
  expect((await k8s('apply', '--timeout', '550', '--image', next)).status).toBe(0)
  expect(deployment('.spec.template.spec.containers[0].image')).toBe(next)
  const digest = () => deployment('.spec.template.metadata.annotations.mlops/model-american')
  const before = digest()
  execFileSync('cp', ['-r', model('american'), join(it.cwd, 'model')])
  writeFileSync(join(it.cwd, 'model/note.txt'), 'another release\n')
  it.project({ image: next, models: { american: { folder: 'model' } } }, { vars: american })
  expect((await k8s('apply', '--timeout', '550')).status).toBe(0)
  expect(digest()).not.toBe(before)
})

test('what apply made is deleted, and nothing else', async () => {
  kubectl('create', 'configmap', 'somebody-else')
  expect((await k8s('delete', '--yes')).status).toBe(0)
  expect(kubectl('get', 'deploy,svc,pdb,hpa,networkpolicy', '-o', 'name').trim()).toBe('')
  expect(kubectl('get', 'configmap', 'somebody-else', '-o', 'name').trim()).toBe('configmap/somebody-else')
})

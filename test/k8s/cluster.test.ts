import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mlops, type Ran, root } from '../rig/mlops.ts'

// Needs a cluster: that of KUBECONFIG, and an image that it can run: MLOPS_K8S_IMAGE, with a second tag in MLOPS_K8S_NEXT_IMAGE.
const image = process.env['MLOPS_K8S_IMAGE'] ?? ''
const next = process.env['MLOPS_K8S_NEXT_IMAGE'] ?? ''
const namespace = `mlops-test-${process.pid}`
const cwd = mkdtempSync(join(tmpdir(), 'mlops-test-k8s-'))

const k8s = (...args: string[]) => mlops(['k8s', ...args], { cwd })
const kubectl = (...args: string[]) => execFileSync('kubectl', ['-n', namespace, ...args], { encoding: 'utf8' })
const said = ({ status, stdout, stderr }: Ran) => `${status}\n${stdout}${stderr}`

beforeAll(() => {
  for (const name of ['KUBECONFIG', 'MLOPS_K8S_IMAGE', 'MLOPS_K8S_NEXT_IMAGE'])
    if (!process.env[name]) throw new Error(`${name} is not set: see docs/guide/kubernetes.md`)
  writeFileSync(
    join(cwd, 'mlops.yml'),
    `name: tweets
target: kubernetes
kubernetes:
  namespace: ${namespace}
  image: ${image}
  models: { american: { folder: ${join(root, 'app/models/american')} } }
vars: { served_models: [american] }
`,
  )
})

afterAll(() => {
  rmSync(cwd, { recursive: true, force: true })
  execFileSync('kubectl', ['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false'])
})

test('it is applied and runs, and a second apply changes nothing', async () => {
  const missing = await k8s('apply', '--no-wait')
  expect([missing.status, said(missing)]).toEqual([2, expect.stringContaining('--create-namespace makes it')])
  const first = await k8s('apply', '--timeout', '550', '--create-namespace')
  expect(said(first)).toContain('Deployment american-predictor-deployment created')
  expect(first.status).toBe(0)
  expect((await k8s('apply')).stdout).toContain('nothing to do')
  expect(await k8s('diff', '--detailed-exitcode')).toMatchObject({ status: 0, stdout: 'Nothing differs.\n' })
})

test('the pods answer, as nobody in particular, on a root that cannot be written', () => {
  const asked = `fetch("http://127.0.0.1:5008/api/american",{method:"POST",headers:{"content-type":"application/json"},body:JSON.stringify({text:"#covid19 new york"})}).then(r=>r.json()).then(r=>console.log(Object.keys(r).join()))`
  const inside = (...command: string[]) => kubectl('exec', 'deploy/american-predictor-deployment', '--', ...command)
  expect(inside('node', '-e', asked).trim()).toBe('is_american,version,model_date')
  expect(inside('id', '-u').trim()).toBe('1000')
  expect(() => inside('touch', '/app/written')).toThrow()
})

test('it is scaled, and the next apply keeps the number', async () => {
  expect(await mlops(['scale', 'web=3'], { cwd })).toMatchObject({ status: 0 })
  expect((await k8s('apply')).status).toBe(0)
  expect(await mlops(['status'], { cwd })).toMatchObject({ status: 0, stdout: expect.stringContaining('3/3') })
})

test('a rollout that fails leaves the old pods, names what is wrong, and is taken back', async () => {
  const failed = await k8s('apply', '--image', `${image}-that-is-not-there`)
  expect(failed.status).toBe(2)
  expect(failed.stderr).toMatch(/container american-predictor: (ErrImagePull|ImagePullBackOff)/)
  const ready = kubectl('get', 'deploy', 'american-predictor-deployment', '-o', 'jsonpath={.status.availableReplicas}')
  expect(ready).toBe('3')
  const back = await k8s('rollback')
  expect(back.stdout).toContain(image)
  expect(back.status).toBe(0)
})

test('a new image and a new model are rolled out', async () => {
  expect((await k8s('apply', '--timeout', '550', '--image', next)).status).toBe(0)
  const get = (path: string) =>
    kubectl('get', 'deploy', 'american-predictor-deployment', '-o', `jsonpath={.spec.template${path}}`)
  expect(get('.spec.containers[0].image')).toBe(next)
  const before = get('.metadata.annotations.mlops/model-american')
  const model = join(cwd, 'model')
  execFileSync('cp', ['-r', join(root, 'app/models/american'), model])
  writeFileSync(join(model, 'note.txt'), 'another release\n')
  const text = `kubernetes: { models: { american: { folder: model } } }`
  writeFileSync(
    join(cwd, 'mlops.yml'),
    `name: tweets\ntarget: kubernetes\n${text.replace('{ models', `{ namespace: ${namespace}, image: "${next}", models`)}\nvars: { served_models: [american] }\n`,
  )
  expect((await k8s('apply')).status).toBe(0)
  expect(get('.metadata.annotations.mlops/model-american')).not.toBe(before)
})

test('what apply made is deleted, and nothing else', async () => {
  kubectl('create', 'configmap', 'somebody-else')
  expect((await k8s('delete', '--yes')).status).toBe(0)
  expect(kubectl('get', 'deploy,svc,pdb,hpa,networkpolicy', '-o', 'name').trim()).toBe('')
  expect(kubectl('get', 'configmap', 'somebody-else', '-o', 'name').trim()).toBe('configmap/somebody-else')
})

test('kubectl builds the Kustomize overlays', async () => {
  expect((await k8s('render', '--format', 'kustomize', '-o', 'kustomize')).status).toBe(0)
  const built = (overlay: string) =>
    execFileSync('kubectl', ['kustomize', join(cwd, 'kustomize/overlays', overlay)], { encoding: 'utf8' })
  expect(built('dev')).toContain('replicas: 1\n')
  expect(built('prod')).toContain('whenUnsatisfiable: DoNotSchedule')
  expect(built('prod')).toContain(`image: ${next}`)
})

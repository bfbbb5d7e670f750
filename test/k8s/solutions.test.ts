import { expect, test } from 'vitest'
import { failedShare, lab, model, next, reaches, said } from './lab.ts'

// As cluster.test.ts; MLOPS_K8S_BROKER_IMAGE is an image of RabbitMQ that the cluster can run, by default the published one.
const it = lab('solutions')
const { k8s, kubectl } = it
const broker = process.env['MLOPS_K8S_BROKER_IMAGE']
it.project({
  solution: 2,
  ...(broker === undefined ? {} : { broker: { image: broker } }),
  models: { american: { folder: model('american') }, diabetes: { folder: model('diabetes') } },
})
const wait = ['--timeout', '550']

/** Asks both models from inside of a container. */
function ask(workload: string) {
  const body = (text: object) =>
    `{method:"POST",headers:{"content-type":"application/json"},body:${JSON.stringify(JSON.stringify(text))}}`
  const tweet = `await (await fetch("http://127.0.0.1:5100/api/american",${body({ text: '#covid19 new york' })})).json()`
  const accuracy = `(await (await fetch("http://127.0.0.1:5100/accuracy",{method:"POST"})).text()).includes("accuracy is")`
  const program = `(async()=>console.log(Object.keys(${tweet}).length, ${accuracy}))()`
  return kubectl('exec', workload, '-c', 'web', '--', 'node', '-e', program).trim()
}

test('solution 2 runs apart, behind Services of their own, and both models answer', async () => {
  const first = await k8s('apply', '--create-namespace', ...wait)
  expect(said(first)).toMatch(/^0\n/)
  kubectl('label', 'namespace', it.namespace, 'pod-security.kubernetes.io/enforce=restricted')
  expect(kubectl('get', 'deploy,statefulset', '-o', 'name').trim().split('\n')).toEqual([
    'deployment.apps/tweets-web',
    'deployment.apps/tweets-worker',
    'statefulset.apps/tweets-broker',
  ])
  expect(ask('deploy/tweets-web')).toBe('3 true')
  expect((await k8s('apply')).stdout).toContain('nothing to do')
})

test('workers are scaled up and down', async () => {
  expect(await it.mlops('scale', 'worker=3')).toMatchObject({ status: 0 })
  expect((await it.mlops('status')).stdout).toMatch(/tweets-worker +3\/3/)
  expect(await it.mlops('scale', 'worker=2')).toMatchObject({ status: 0 })
  expect(ask('deploy/tweets-web')).toBe('3 true')
})

test('solution 1 takes its place: what it does not have goes, once it runs', async () => {
  const { status, stdout } = await k8s('apply', '--solution', '1', ...wait)
  expect([status, stdout]).toEqual([0, expect.stringContaining('StatefulSet tweets-broker deleted')])
  expect(stdout).toContain('Secret tweets-broker-account deleted')
  expect(kubectl('get', 'deploy,statefulset', '-o', 'name').trim()).toBe('deployment.apps/tweets-production')
  expect(ask('deploy/tweets-production')).toBe('3 true')
})

test('a rollout of pods with a broker in them loses hardly any prediction', async ({ skip }) => {
  const address = kubectl('get', 'svc', 'tweets-production', '-o', 'jsonpath={.spec.clusterIP}')
  if (!(await reaches(address, 5008))) skip('this machine does not reach Services of the cluster')
  const url = `http://${address}:5008/api/american`
  const share = await failedShare(it.cwd, url, 'k8s', 'apply', '--solution', '1', '--image', next, ...wait)
  expect(share).toBeLessThan(0.05)
})

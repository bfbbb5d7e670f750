import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { image, lab, model, next, reaches } from './lab.ts'

// Needs what cluster.test.ts needs.
const it = lab('publish')
const { kubectl } = it
const repository = join(it.cwd, 'specs.git')
const project = (folder: string) =>
  it.project({ models: { american: { folder } }, publish: { repository } }, { vars: { served_models: ['american'] } })
project(model('american'))

const run = promisify(execFile)
const ended = new AbortController()
let watching: Promise<void> = Promise.resolve()

/** What Argo CD does, by the plainest means: takes whatever is committed, and gives it to kubectl. */
async function watch(): Promise<void> {
  let seen = ''
  while (!ended.signal.aborted) {
    const { stdout } = await run('git', ['-C', repository, 'for-each-ref', '--format=%(objectname)', 'refs/heads/main'])
    if (stdout !== seen) {
      const folder = mkdtempSync(join(tmpdir(), 'mlops-test-watch-'))
      await run('git', ['clone', '--quiet', '--branch', 'main', repository, folder])
      await run('kubectl', ['-n', it.namespace, 'apply', '-f', folder]).catch(error => {
        // kinds of Kubernetes 1.23: what is committed is not fitted to the cluster, and the rest is taken
        const unknown = /no matches for kind|ensure CRDs are installed first/
        if (
          !String(error.stderr)
            .split('\n')
            .every(line => line === '' || unknown.test(line))
        )
          throw error
      })
      rmSync(folder, { recursive: true })
      seen = stdout
    }
    await sleep(500, undefined, { signal: ended.signal }).catch(() => {})
  }
}

beforeAll(() => {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository])
  for (const [key, value] of [
    ['NAME', 'A Student'],
    ['EMAIL', 'student@example.org'],
  ])
    for (const who of ['AUTHOR', 'COMMITTER']) process.env[`GIT_${who}_${key}`] = value
  execFileSync('kubectl', ['create', 'namespace', it.namespace])
  watching = watch()
})

afterAll(async () => {
  ended.abort()
  await watching
})

const field = (path: string) => kubectl('get', 'deploy', 'american-predictor-deployment', '-o', `jsonpath={${path}}`)

test('a deployment is a commit that the cluster takes and runs', async () => {
  const { status, stdout, stderr } = await it.mlops('deploy', '--no-check', '--wait', '550')
  expect([status, stdout, stderr]).toEqual([
    0,
    expect.stringContaining('is on main of'),
    expect.stringContaining('2/2'),
  ])
  expect(field('.spec.template.spec.containers[0].image')).toBe(image)
  expect(await it.mlops('status')).toMatchObject({ status: 0 })
})

test('the delivery of another image and model is measured at the address of the Service', async context => {
  const host = kubectl('get', 'service', 'american-predictor-service', '-o', 'jsonpath={.spec.clusterIP}')
  if (!(await reaches(host, 5008))) context.skip(`this machine does not reach Services of the cluster (${host})`)
  expect(await it.mlops('train', 'american', '--alpha', '0.7', '--model-dir', 'model')).toMatchObject({ status: 0 })
  project('model')
  const measured = await it.mlops(
    ...['measure', 'delivery', '--rate', '20', '--json', '--within', '300'],
    ...['--', 'mlops', 'deploy', '--no-check', '--image', next],
  )
  const { arrival, requests, failed } = JSON.parse(measured.stdout)
  // as in cluster.test.ts: nodes with too much to do hear late that a pod leaves
  expect(failed / requests).toBeLessThan(0.05)
  expect(measured.status).toBe(failed > 0 ? 2 : 0)
  expect(arrival).toMatchObject({ before: [expect.any(String)], after: [expect.any(String)] })
  expect(arrival.before).not.toEqual(arrival.after)
  expect(arrival.firstNewMs).toBeGreaterThan(0)
})

test('a rollback is a commit, too, and what is scaled by one stays scaled', async () => {
  await it.mlops('deploy', '--no-check', '--image', next, '--wait', '550')
  expect(await it.mlops('scale', 'web=3')).toMatchObject({ status: 0 })
  const back = await it.mlops('rollback', '--no-check', '--wait', '550')
  expect([back.status, back.stderr]).toEqual([0, expect.stringContaining('3/3')])
  expect(field('.spec.template.spec.containers[0].image')).toBe(image)
  expect(field('.status.availableReplicas')).toBe('3')
})

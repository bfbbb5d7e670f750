import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { mlops, type Ran, root } from '../rig/mlops.ts'

/** An image that the cluster can run, with a second tag of it. */
export const image = process.env['MLOPS_K8S_IMAGE'] ?? ''
export const next = process.env['MLOPS_K8S_NEXT_IMAGE'] ?? ''

/** A project in a namespace of its own, on the cluster of KUBECONFIG. Everything goes when the file's tests are over. */
export function lab(name: string) {
  const namespace = `mlops-test-${name}-${process.pid}`
  const cwd = mkdtempSync(join(tmpdir(), `mlops-test-${name}-`))
  beforeAll(() => {
    for (const name of ['KUBECONFIG', 'MLOPS_K8S_IMAGE', 'MLOPS_K8S_NEXT_IMAGE'])
      if (!process.env[name]) throw new Error(`${name} is not set: see docs/guide/kubernetes.md`)
  })
  afterAll(() => {
    rmSync(cwd, { recursive: true, force: true })
    execFileSync('kubectl', ['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false'])
  })
  return {
    cwd,
    namespace,
    mlops: (...args: string[]) => mlops(args, { cwd }),
    k8s: (...args: string[]) => mlops(['k8s', ...args], { cwd }),
    kubectl: (...args: string[]) => execFileSync('kubectl', ['-n', namespace, ...args], { encoding: 'utf8' }),
    /** Writes `mlops.yml`: `kubernetes` is what stands below that key, next to the namespace. */
    project(kubernetes: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}) {
      const all = { name: 'tweets', target: 'kubernetes', kubernetes: { namespace, image, ...kubernetes }, ...more }
      writeFileSync(join(cwd, 'mlops.yml'), JSON.stringify(all))
    },
  }
}

/** All that a command said, with its exit status. */
export const said = ({ status, stdout, stderr }: Ran) => `${status}\n${stdout}${stderr}`

/** A model of the repository. */
export const model = (name: 'american' | 'diabetes') => join(root, 'app/models', name)

/**
 * Asks for predictions at a constant rate while a command brings another image; gives the share that failed. On a machine with
 * more to do than it can, nodes hear too late that a pod leaves: a few of them may.
 */
export async function failedShare(cwd: string, url: string, ...command: string[]): Promise<number> {
  const asked = [
    '--url',
    url,
    '--post',
    '{"text": "#covid19 new york"}',
    '--rate',
    '10',
    '--timeout',
    '40',
    '--after',
    '45',
  ]
  const { stdout } = await mlops(['measure', 'downtime', '--json', ...asked, '--', 'mlops', ...command], { cwd })
  const { requests, failed } = JSON.parse(stdout.slice(stdout.indexOf('{\n')))
  return failed / requests
}

/** Whether this machine reaches the address of a Service, as nodes do. */
export async function reaches(host: string, port: number): Promise<boolean> {
  return await new Promise(done => {
    const socket = connect({ host, port, timeout: 5000 })
    const end = (found: boolean) => {
      socket.destroy()
      done(found)
    }
    socket
      .on('connect', () => end(true))
      .on('timeout', () => end(false))
      .on('error', () => end(false))
  })
}

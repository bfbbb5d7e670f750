import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { apiServer } from '../rig/api-server.ts'
import { argoServer } from '../rig/argocd-server.ts'
import { guideCommands, guideShell, unsaid } from '../rig/guide-commands.ts'
import { folder, mlops, root } from '../rig/mlops.ts'
import { startRegistry } from '../rig/registry.ts'
import { service } from '../rig/service.ts'
import { takeCommits } from '../rig/takes-commits.ts'

const commands = guideCommands('tweet-brief.md')

test('every command of the tweet brief runs and says what the guide shows, but those that lead a port to a cluster', async () => {
  expect(commands.filter(({ mark }) => mark === 'not-run').map(({ command }) => command.split(' ')[0])).toEqual([
    'kubectl',
    'ssh',
  ])
  const world = await makeWorld()
  for (const { command, shown, mark } of commands) {
    if (mark === 'not-run') continue
    const { status, said } = await world.run(world.here(command))
    expect([command, status, status === 0 ? '' : said]).toEqual([command, 0, ''])
    expect([command, unsaid(shown.map(world.here), said), said]).toEqual([command, [], said])
    // what comes next asks the cluster
    if (/^mlops (deploy|rollback|scale)/.test(command)) await world.settled()
  }
  const application = parse(readFileSync(join(world.top, 'application.yaml'), 'utf8'))
  expect(application).toMatchObject({
    kind: 'Application',
    metadata: { name: 'american-predictor' },
    spec: {
      project: 'student-project',
      source: { repoURL: world.repository, path: '.' },
      syncPolicy: { automated: {} },
    },
  })
  expect(readFileSync(join(world.top, 'delivery.html'), 'utf8')).toContain('first answer of the new')
}, 300_000)

/** A registry, a repository, and small servers in the place of Argo CD and of Kubernetes, with pods that are containers. */
async function makeWorld() {
  const top = folder({
    'password.txt': 'a first password\n',
    port: '1',
    gitconfig: '[user]\n\tname = A Student\n\temail = student@example.org\n',
  })
  const [registry, api, argo] = [await startRegistry(), await apiServer(), await argoServer({ tls: true })]
  const repository = join(top, 'specs.git')
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository])
  for (const [from, to] of [
    ['train', 'training'],
    ['test', 'test'],
  ])
    copyFileSync(join(root, `app/data/american/${from}.csv`), join(top, `${to}.csv`))
  mkdirSync(join(top, 'bin'))
  symlinkSync(join(root, 'bin/mlops'), join(top, 'bin/mlops'))
  writeFileSync(join(top, 'kubeconfig'), api.kubeconfig)
  argo.users.set('student', 'a first password')
  argo.controller.project('POST', undefined, {
    project: { metadata: { name: 'student-project' }, spec: { sourceRepos: ['*'] } },
  })
  api.put(pod)
  const env = {
    HOME: top,
    PATH: `${join(top, 'bin')}:${process.env['PATH']}`,
    KUBECONFIG: join(top, 'kubeconfig'),
    GIT_CONFIG_GLOBAL: join(top, 'gitconfig'),
    XDG_CONFIG_HOME: '',
  }
  const images = new Set<string>()
  const cluster = takeCommits({
    repository,
    model: join(top, 'tweets/models/american'),
    portFile: join(top, 'port'),
    name: `mlops-tweet-brief-${process.pid}`,
    async onCommit(commit, image) {
      images.add(image)
      const revisions = argo.controller.repositories.get(repository) ?? new Map()
      argo.controller.repositories.set(repository, revisions.set(commit, [{ ...deployment, text: image }]))
      await mlops(['k8s', 'apply', '--no-wait', '--image', image], { cwd: join(top, 'tweets'), env })
    },
  })
  const port = await service(join(top, 'port'))
  onTestFinished(async () => {
    await cluster.stop()
    await registry.stop()
    const tags = execFileSync('docker', ['images', '--quiet', `${registry.host}/student/predictor`], {
      encoding: 'utf8',
    })
    if (tags !== '')
      execFileSync('docker', ['rmi', '--force', ...new Set(tags.trim().split('\n'))], { stdio: 'ignore' })
  })
  const here = (text: string) =>
    text
      .replaceAll('registry.example.org', registry.host)
      .replaceAll('git@git.example.org:student/specs.git', repository)
      .replaceAll('localhost:32535', argo.address)
      .replaceAll('10.213.0.57:5008', `127.0.0.1:${port}`)
  return { top, repository, here, run: guideShell(top, env), settled: cluster.settled }
}

const deployment = { group: 'apps', kind: 'Deployment', name: 'american-predictor-deployment' }
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'american-predictor-1',
    labels: { 'app.kubernetes.io/managed-by': 'mlops', 'app.kubernetes.io/part-of': 'tweets' },
  },
  status: { phase: 'Running', containerStatuses: [{ name: 'american-predictor', ready: true, restartCount: 0 }] },
  spec: { containers: [{ name: 'american-predictor' }] },
}

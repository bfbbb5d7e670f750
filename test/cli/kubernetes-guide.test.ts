import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { apiServer } from '../rig/api-server.ts'
import { guideCommands, guideShell, unsaid } from '../rig/guide-commands.ts'
import { folder, root } from '../rig/mlops.ts'
import { predictor } from '../rig/predictor.ts'
import { startRegistry } from '../rig/registry.ts'
import { freePort } from '../rig/service.ts'

const page = 'kubernetes.md'

test('every command of the page on Kubernetes but the build of the image runs, at a small API server and a real predictor', async () => {
  const registry = await startRegistry()
  onTestFinished(() => registry.stop())
  const server = await apiServer()
  const port = await freePort()
  await predictor('3f2a9c1', port)
  const repository = join(folder({}), 'specs.git')
  const here = (text: string) =>
    text
      .replaceAll('registry.example.org/student', `${registry.host}/team`)
      .replaceAll('git@git.example.org:student/specs.git', repository)
      .replaceAll('10.213.0.57:5008', `127.0.0.1:${port}`)
      .replaceAll('https://192.0.2.10:6443', JSON.parse(server.kubeconfig).clusters[0].cluster.server)
      .replaceAll('student', 'lab')
  server.brokenImages.add(here('registry.example.org/student/predictor:broken'))
  for (const tag of ['3f2a9c1', '9c1b2d7']) await registry.put('team/predictor', tag, { text: tag })
  const [projectFile = ''] =
    /(?<=^```yaml project\n)[\s\S]*?(?=^```$)/m.exec(readFileSync(join(root, 'docs/guide', page), 'utf8')) ?? []
  const top = folder({
    'project/mlops.yml': here(projectFile),
    kubeconfig: server.kubeconfig,
    gitconfig: '[user]\n\tname = A Student\n\temail = student@example.org\n',
  })
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository])
  for (const [from, to] of [
    ['train', 'training'],
    ['test', 'test'],
  ])
    copyFileSync(join(root, `app/data/american/${from}.csv`), join(top, 'project', `${to}.csv`))
  mkdirSync(join(top, 'bin'))
  symlinkSync(join(root, 'bin/mlops'), join(top, 'bin/mlops'))
  const run = guideShell(join(top, 'project'), {
    HOME: top,
    PATH: `${join(top, 'bin')}:${process.env['PATH']}`,
    KUBECONFIG: join(top, 'kubeconfig'),
    GIT_CONFIG_GLOBAL: join(top, 'gitconfig'),
  })
  for (const { command, shown, mark } of guideCommands(page)) {
    if (mark === 'not-run' || command === 'mlops image build --push') continue
    const { status, said } = await run(here(command))
    if (mark === 'fails')
      expect([command, status, said]).toEqual([command, 2, expect.stringContaining('does not come up')])
    else expect([command, status, unsaid(shown.map(here), said), said]).toEqual([command, 0, [], said])
  }
})

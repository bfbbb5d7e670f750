import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dockerContainerExec } from '../../src/modules/docker-container-exec.ts'
import { dockerContainerInfo } from '../../src/modules/docker-container-info.ts'
import { dockerImageInfo } from '../../src/modules/docker-image-info.ts'
import { dockerNetworkInfo } from '../../src/modules/docker-network-info.ts'
import { dockerVolumeInfo } from '../../src/modules/docker-volume-info.ts'
import { attempt } from '../../src/modules/step.ts'
import { ImageShop } from '../../src/providers/docker/images.ts'

const own = `mlops-info-${randomBytes(3).toString('hex')}`
let image = ''

beforeAll(async () => {
  image = await new ImageShop({ onStep: () => {}, onWarning: () => {} }).base('trixie')
  docker('network', 'create', own)
  docker('volume', 'create', own)
  docker('run', '--detach', '--init', '--name', own, image, 'sleep', 'infinity')
})

afterAll(() => {
  docker('rm', '--force', '--volumes', own)
  docker('network', 'rm', own)
  docker('volume', 'rm', own)
})

function docker(...args: readonly string[]): void {
  execFileSync('docker', args, { stdio: ['ignore', 'pipe', 'pipe'] })
}

test('containers, images, networks and volumes are told about, and those that are not there', async () => {
  const container = await attempt(dockerContainerInfo, { name: own }, { check: true })
  expect(container).toMatchObject({ outcome: 'ok', result: { exists: true, container: { Name: `/${own}` } } })
  const images = await attempt(dockerImageInfo, { name: [image, 'none:none'] })
  expect(images.result['images']).toMatchObject([{ RepoTags: expect.arrayContaining([image]) }])
  expect((await attempt(dockerImageInfo, {})).result['images']).not.toEqual([])
  expect((await attempt(dockerNetworkInfo, { name: own })).result).toMatchObject({
    exists: true,
    network: { Name: own },
  })
  expect((await attempt(dockerVolumeInfo, { name: own })).result).toMatchObject({ exists: true, volume: { Name: own } })
  for (const [module, key] of [
    [dockerContainerInfo, 'container'],
    [dockerNetworkInfo, 'network'],
    [dockerVolumeInfo, 'volume'],
  ] as const) {
    const { outcome, result } = await attempt(module, { name: 'mlops-none' }, { shell: 'busybox' })
    expect([outcome, result['exists'], result[key]]).toEqual(['ok', false, null])
  }
})

test('a program runs in a container with its own folder, environment and input', async () => {
  const args = {
    container: own,
    argv: ['sh', '-c', 'pwd; printf "%s\\n" "$IT"; cat; echo bad >&2; exit 3'],
    chdir: '/srv',
    env: { IT: `it's "x" $HOME` },
    stdin: '$(id) `id`',
  }
  const { outcome, result } = await attempt(dockerContainerExec, args)
  expect([outcome, result.rc, result['stderr']]).toEqual(['changed', 3, 'bad'])
  expect(result['stdout_lines']).toEqual(['/srv', `it's "x" $HOME`, '$(id) `id`'])
  const none = await attempt(dockerContainerExec, { container: 'mlops-none', command: 'true' })
  expect([none.outcome, none.result.msg]).toEqual(['failed', expect.stringContaining('No such container')])
  expect((await attempt(dockerContainerExec, args, { check: true })).outcome).toBe('skipped')
})

import { expect, test } from 'vitest'
import { defaultsFor } from './module-defaults.ts'

const at = { file: 'site.yml', line: 1, column: 1, length: 1, text: '' }
const args = (module: string, ...layers: readonly Readonly<Record<string, unknown>>[]) =>
  defaultsFor(
    layers.map(value => ({ value, at })),
    { module, asWritten: module },
  ).map(each => each.value)

test('a group gives its modules arguments, and a module of its own name wins', () => {
  const layer = { docker_image: { timeout: 2 }, 'group/docker': { timeout: 1 }, 'group/k8s': { context: 'x' } }
  expect(args('docker_image', layer)).toEqual([{ timeout: 1 }, { timeout: 2 }])
  expect(args('docker_network', layer)).toEqual([{ timeout: 1 }])
  expect(args('k8s', layer)).toEqual([{ context: 'x' }])
  expect(args('copy', layer)).toEqual([])
})

test('old and full names of a group are the same', () => {
  for (const name of ['docker', 'community.docker.docker', 'ansible.builtin.docker'])
    expect(args('docker_volume', { [`group/${name}`]: { timeout: 1 } })).toEqual([{ timeout: 1 }])
})

test('an inner entry takes the place of the outer one', () => {
  expect(args('copy', { copy: { mode: '0600' }, file: {} }, { 'ansible.builtin.copy': { owner: 'x' } })).toEqual([
    { owner: 'x' },
  ])
})

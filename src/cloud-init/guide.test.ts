import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { explain } from '../errors.ts'
import { registry } from '../modules/registry.ts'
import { checkUserData, checkUserDataFile } from './check.ts'
import { PLAYED } from './play/keys.ts'
import { cloudConfigPlay } from './play/play.ts'

const root = resolve(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guide/cloud-init.md'), 'utf8')
const files = readdirSync(join(root, 'cloud-init')).map(name => join(root, 'cloud-init', name))

test.each(files)('%s has nothing to be told, and can be played', file => {
  expect(checkUserDataFile(file)).toEqual({ errors: [], warnings: [] })
  const options = { modules: registry, hosts: 'all', publicKey: 'ssh-ed25519 AAAA us', forceCommands: false }
  expect(cloudConfigPlay(file, options).warnings).toEqual([])
})

test('the warnings of the guide are what is said of such a file', () => {
  const [, shown = ''] = /```console\n\$ mlops lint cloud-cfg\.txt\n([\s\S]*?)```/.exec(guide) ?? []
  const lines = shown.matchAll(/^(\d+) \| (.*)$/gm)
  const written = ['#cloud-config', ...Array.from({ length: 8 }, () => '')]
  for (const [, line, text = ''] of lines) written[Number(line) - 1] = text
  const told = checkUserData(Buffer.from(written.join('\n')), 'cloud-cfg.txt').warnings.map(warning => {
    const [first = '', ...rest] = explain(warning).split('\n')
    return [`${first.replace('error:', 'warning:')} [${warning.code.replace('cloud-config.', '')}]`, ...rest].join('\n')
  })
  expect(`${told.join('\n\n')}\n\n0 errors, ${told.length} warnings\n`).toBe(shown)
})

test('the guide names every key that is played', () => {
  const [, table = ''] = /\| key \| what is brought \|\n([\s\S]*?)\n\n/.exec(guide) ?? []
  const rows = table.split('\n').map(row => row.split('|'))
  const named = rows.flatMap(([, keys = '', what = '']) => [...`${keys}${what}`.matchAll(/`([a-z_]+)[^`]*`/g)])
  expect(PLAYED.filter(key => !named.some(([, name]) => name === key))).toEqual([])
})

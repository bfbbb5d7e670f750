import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { explain, MlopsError } from '../errors.ts'
import type { Inventory } from './inventory.ts'
import { loadInventory } from './load.ts'
import { hostOf, type SelectOptions, select } from './pattern.ts'

const folder = mkdtempSync(join(tmpdir(), 'mlops-pattern-'))

function inventory(text: string): Inventory {
  const file = join(folder, 'hosts')
  writeFileSync(file, text)
  return loadInventory([file])
}

const lab = inventory(`lone
[web]
web[1:5]
[db]
db1
db2
web2
[eu]
web1
db1
[prodserver]
prodserver
[tiers:children]
web
db
[empty]
`)

function problem(pattern: string, options: SelectOptions = {}): string {
  try {
    select(lab, pattern, options)
  } catch (error) {
    if (error instanceof MlopsError) return explain(error)
    throw error
  }
  return 'nothing'
}

/** The answers are those of ansible-core 2.14, in its order. */
test.each([
  ['all', 'lone web1 db1 prodserver web2 web3 web4 web5 db2'],
  ['*', 'lone web1 db1 prodserver web2 web3 web4 web5 db2'],
  ['web', 'web1 web2 web3 web4 web5'],
  ['web:db', 'web1 web2 web3 web4 web5 db1 db2'],
  ['web, db', 'web1 web2 web3 web4 web5 db1 db2'],
  ['db:web', 'db1 db2 web2 web1 web3 web4 web5'],
  ['web:&db', 'web2'],
  ['web:!db', 'web1 web3 web4 web5'],
  ['all:!web:&tiers', 'db1 db2'],
  ['!web', 'lone db1 prodserver db2'],
  ['&eu', 'web1 db1'],
  ['*b*', 'web1 web2 web3 web4 web5 db1 db2'],
  ['w?b1', 'web1'],
  ['web[0]', 'web1'],
  ['web[-1]', 'web5'],
  ['web[1:3]', 'web2 web3 web4'],
  ['web[1-3]', 'web2 web3 web4'],
  ['web[3:]', 'web4 web5'],
  ['web[7:9]', ''],
  ['web[1]:db[0]', 'web2 db1'],
  ['web*[1]', 'web2'],
  ['~web[13]', 'web1 web3'],
  ['~(web|db)1$', 'web1 db1'],
  ['~web:db', 'web1 web2 web3 web4 web5 db1 db2'],
  ['tiers[0]', 'web1'],
  ['ungrouped', 'lone'],
  ['empty', ''],
  ['prodserver', 'prodserver'],
  ['prodserver:!prodserver', ''],
  ['localhost', 'localhost'],
])('%s selects %s', (pattern, hosts) => {
  expect(select(lab, pattern).hosts.join(' ')).toBe(hosts)
})

test('a limit leaves only its hosts, also from a file', () => {
  const file = join(folder, 'retry')
  writeFileSync(file, 'web1 # first\ndb1\n\n')
  expect(select(lab, 'web', { limit: 'eu' }).hosts).toEqual(['web1'])
  expect(select(lab, 'all', { limit: `@${file}` }).hosts).toEqual(['web1', 'db1'])
  expect(select(lab, 'web', { limit: '!web1,!db' }).hosts).toEqual(['web3', 'web4', 'web5'])
  expect(select(lab, 'web', { limit: 'prodserver' }).hosts).toEqual([])
})

test('a name that is not there is an error with the near name', () => {
  const at = { file: 'site.yml', line: 1, column: 10, length: 11, text: '- hosts: prod_server' }
  expect(problem('prod_server', { at })).toBe(`error: there is no host and no group \`prod_server\` in the inventory
  --> site.yml:1:10
1 | - hosts: prod_server
  |          ^^^^^^^^^^^
hint: did you mean \`prodserver\`?`)
  expect(problem('nothing-like-it')).toBe(`error: there is no host and no group \`nothing-like-it\` in the inventory
hint: the inventory knows \`web\`, \`db\`, \`eu\`, \`prodserver\`, \`tiers\`, \`empty\`, \`lone\`, \`web1\`, …`)
})

test('a misspelt exclusion or limit is an error too: it would touch hosts that were to be spared', () => {
  expect(problem('all:!prodsrver')).toContain('did you mean `prodserver`?')
  expect(problem('all', { limit: 'wbe' })).toContain('did you mean `web`?')
})

test('globs, expressions and indexes that match nothing are errors', () => {
  expect(problem('nope*')).toContain('no host and no group of the inventory matches `nope*`')
  expect(problem('~nope')).toContain('no host and no group of the inventory matches `~nope`')
  expect(problem('web[9]')).toBe('error: no host stands at `web[9]`\nhint: `web` stands for 5 hosts, counted from 0')
  expect(problem('~web(')).toContain('`~web(` is not a regular expression')
})

test("all unknown names are reported at once, or, Ansible's way, as warnings", () => {
  expect(problem('one:two').match(/error:/g)?.length).toBe(2)
  expect(select(lab, 'one:web1', { allowEmpty: true })).toEqual({
    hosts: ['web1'],
    warnings: ['there is no host and no group `one` in the inventory'],
  })
})

test('an empty inventory says how to fill it', () => {
  const error = (() => {
    try {
      select(loadInventory([]), 'web')
    } catch (caught) {
      return caught
    }
  })()
  expect(error instanceof MlopsError && error.hint).toBe(
    'the inventory is empty: name one with -i, or make servers with `mlops provision`',
  )
  expect(select(loadInventory([]), 'all').hosts).toEqual([])
})

test('localhost is there without being named, over the connection local', () => {
  expect(lab.hosts.has('localhost')).toBe(false)
  for (const name of ['localhost', '127.0.0.1', '::1']) {
    const host = hostOf(lab, name)
    expect(host?.name).toBe(name)
    expect(Object.assign({}, ...(host?.layers ?? []).map(layer => layer.vars))).toEqual({ ansible_connection: 'local' })
  }
  expect(hostOf(inventory('localhost ansible_connection=ssh\n'), 'localhost')?.groups).toEqual(['all', 'ungrouped'])
})

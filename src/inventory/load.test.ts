import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { explain, MlopsError } from '../errors.ts'
import type { Inventory } from './inventory.ts'
import { type InventoryOptions, loadInventory } from './load.ts'

/** A new folder with these files. */
function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'mlops-inventory-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}

function ini(text: string): Inventory {
  return loadInventory([join(folder({ hosts: text }), 'hosts')])
}

function vars(inventory: Inventory, host: string): Record<string, unknown> {
  const { inventory_file, inventory_dir, ...rest } = Object.assign(
    {},
    ...(inventory.hosts.get(host)?.layers ?? []).map(layer => layer.vars),
  )
  return rest
}

function problems(
  files: Readonly<Record<string, string>>,
  sources = Object.keys(files),
  options?: InventoryOptions,
): string {
  const path = folder(files)
  try {
    loadInventory(
      sources.map(source => join(path, source)),
      options,
    )
  } catch (error) {
    if (error instanceof MlopsError) return explain(error).replaceAll(`${path}/`, '')
    throw error
  }
  return 'nothing'
}

test('INI: hosts, ports, ranges, groups, children and variables', () => {
  const inventory = ini(`# all of it
lone ansible_connection=local list="[1, 'a']" text='"5"' pass=ab#cd
[web]  # the front
web[01:02]:2222 ansible_user=appuser
  indented   x="a b"

[eu:children]
web ; and more to come
[web:vars]
port = 8080
path=/srv/a b # kept
`)
  expect([...inventory.hosts.keys()]).toEqual(['lone', 'web01', 'web02', 'indented'])
  expect(inventory.groups.get('eu')).toMatchObject({
    name: 'eu',
    children: ['web'],
    hosts: ['web01', 'web02', 'indented'],
  })
  expect(inventory.groups.get('all')?.children).toEqual(['ungrouped', 'eu'])
  expect(inventory.hosts.get('web01')?.groups).toEqual(['all', 'eu', 'web'])
  expect(vars(inventory, 'lone')).toEqual({ ansible_connection: 'local', list: [1, 'a'], text: '5', pass: 'ab' })
  expect(vars(inventory, 'web02')).toEqual({
    port: 8080,
    path: '/srv/a b # kept',
    ansible_port: 2222,
    ansible_user: 'appuser',
  })
})

test("the lab's inventory, with groups named as their hosts, loads without a warning", () => {
  const inventory = ini(`[servers]
prodserver ansible_host=192.0.2.1
devserver ansible_host=192.0.2.2
[all:vars]
ansible_python_interpreter=/usr/bin/python3
[prodserver]
prodserver ansible_connection=ssh ansible_user=appuser
[devserver]
devserver ansible_connection=ssh ansible_user=appuser
`)
  expect(inventory.warnings).toEqual([])
  expect(inventory.hosts.get('prodserver')?.groups).toEqual(['all', 'prodserver', 'servers'])
  expect(vars(inventory, 'prodserver')).toEqual({
    ansible_python_interpreter: '/usr/bin/python3',
    ansible_host: '192.0.2.1',
    ansible_connection: 'ssh',
    ansible_user: 'appuser',
  })
})

test('a host with the name of a group of other hosts gets one hint', () => {
  expect(ini('web\n[web]\na\nb\n').warnings).toEqual([
    '`web` is a host and a group of other hosts: as a pattern it means the group',
  ])
})

test('a variable knows where it was set', () => {
  const inventory = ini('[web]\na x=1  ansible_user=bob\n[web:vars]\n  port = 80\n')
  const layers = inventory.hosts.get('a')?.layers ?? []
  const places = (name: string) =>
    layers.flatMap(({ origin, at }) => {
      const place = at?.(name)
      return place ? [`${origin} ${place.line}:${place.column}+${place.length}`] : []
    })
  expect(places('ansible_user')).toEqual(['host line 2:8+12'])
  expect(places('port')).toEqual(['group web 4:3+4'])
})

test('YAML: the same things, with nested groups', () => {
  const path = folder({
    'hosts.yml': `all:
  vars: { a: all, n: 1.0 }
  hosts:
    lone:
  children:
    eu:
      vars: { a: eu }
      children:
        web:
          hosts:
            web[1:2]:22:
            web3: { a: host, flag: yes }
    empty:
`,
  })
  const inventory = loadInventory([join(path, 'hosts.yml')])
  expect([...inventory.hosts.keys()]).toEqual(['lone', 'web1', 'web2', 'web3'])
  expect(inventory.groups.get('empty')?.hosts).toEqual([])
  expect(vars(inventory, 'web2')).toMatchObject({ a: 'eu', ansible_port: 22 })
  expect(vars(inventory, 'web3')).toMatchObject({ a: 'host', flag: true })
  expect(vars(inventory, 'lone')).toMatchObject({ a: 'all' })
})

test('a file without an ending is YAML when it looks like it', () => {
  const path = folder({ hosts: '# comment\nall:\n  hosts:\n    a:\n', other: 'b\n' })
  expect([...loadInventory([join(path, 'hosts'), join(path, 'other')]).hosts.keys()]).toEqual(['a', 'b'])
})

/** Each value is the name of the place that wins; checked against ansible-playbook 2.14 with the same files. */
test("variables files and groups win over each other in Ansible's order", () => {
  const path = folder({
    'inv/hosts.yml': `all:
  vars: {p1: all, p2: all, p3: all, p4: all, p5: all, p6: all, p7: all, p8: all}
  children:
    parent:
      vars: {p2: parent, p3: parent, p4: parent, p5: parent, q: parent}
      children:
        child:
          vars: {p3: child, p4: child, q: child, ansible_group_priority: 5}
          hosts: {h1: {p7: host, p8: host}, h2: }
        zeta: {vars: {q: zeta}, hosts: {h1: }}
`,
    'inv/group_vars/all/a.yml': 'p4: files of all\np5: files of all\nq2: all\n',
    'inv/group_vars/all/b.yml': 'p5: later file of all\n',
    'inv/group_vars/all/c.yml~': 'p5: backup\n',
    'inv/group_vars/parent': 'p6: files of parent\np8: files of parent\nq2: parent\n',
    'inv/group_vars/child.yaml': 'q2: child\n',
    'inv/group_vars/child.json': '{"q2": "not read"}\n',
    'inv/host_vars/h1.yml': 'p7: files of h1\n',
    'group_vars/all.yml': 'p5: all beside the playbook\n',
    'group_vars/parent.yml': 'q2: parent beside the playbook\n',
    'host_vars/h1.json': '{"p8": "h1 beside the playbook"}',
  })
  const inventory = loadInventory([join(path, 'inv')], { playbookDirectory: path })
  expect(inventory.hosts.get('h1')?.groups).toEqual(['all', 'parent', 'zeta', 'child'])
  expect(vars(inventory, 'h1')).toEqual({
    p1: 'all',
    p2: 'parent',
    p3: 'child',
    p4: 'files of all',
    p5: 'all beside the playbook',
    p6: 'files of parent',
    p7: 'files of h1',
    p8: 'h1 beside the playbook',
    q: 'child',
    q2: 'parent beside the playbook',
  })
  expect(vars(inventory, 'h2')).toMatchObject({ p7: 'all', p8: 'files of parent' })
  expect(inventory.localhost.layers.map(layer => layer.origin)).toEqual([
    'group all',
    'group_vars/all/a.yml',
    'group_vars/all/b.yml',
    'group_vars/all.yml',
    'implicit localhost',
  ])
})

test('a folder of sources is read by name, without backups and variables', () => {
  const path = folder({
    'inv/01-web': '[web]\na x=1\n',
    'inv/02-more.yml': 'web: { hosts: { b: }, vars: { y: 2 } }\n',
    'inv/sub/deep': '[web]\na x=3\n',
    'inv/hosts.ini': 'never\n',
    'inv/hosts.bak': 'never\n',
    'inv/.hidden': 'never\n',
    'inv/host_vars/a.yml': 'z: 4\n',
  })
  const inventory = loadInventory([join(path, 'inv')])
  expect([...inventory.hosts.keys()]).toEqual(['a', 'b'])
  expect(vars(inventory, 'a')).toEqual({ x: 3, y: 2, z: 4 })
  expect(inventory.sources.map(source => source.slice(path.length + 1))).toEqual([
    'inv/01-web',
    'inv/02-more.yml',
    'inv/sub/deep',
  ])
  expect(inventory.warnings).toEqual([
    `${path}/inv/hosts.ini is left out: in a folder of sources, Ansible ignores .ini`,
  ])
})

test('a comma list is an inventory', () => {
  const inventory = loadInventory(['a, web[1:2],b:22,'])
  expect([...inventory.hosts.keys()]).toEqual(['a', 'web1', 'web2', 'b'])
  expect(vars(inventory, 'b')).toEqual({ ansible_port: 22 })
})

test('all mistakes of an INI file are reported at once', () => {
  expect(
    problems({
      hosts: `web1 ansible_user=bob broken
web[3:1]
web2 x="never closed
[web:var]
lost in a wrong section
[web:vars]
no equals sign
[eu:children]
weeb
two words
[weeb]
[front:children]
wbe
[we]
---
[bad name]
`,
    }),
  ).toBe(`error: after a host come \`key=value\` pairs, not \`broken\`
  --> hosts:1:23
1 | web1 ansible_user=bob broken
  |                       ^^^^^^
hint: a value with blanks needs quotes: key="a b"

error: the range [3:1] ends before it begins
  --> hosts:2:1
2 | web[3:1]
  | ^^^^^^^^

error: this quote is never closed
  --> hosts:3:8
3 | web2 x="never closed
  |        ^

error: there is no kind of section \`var\`
  --> hosts:4:6
4 | [web:var]
  |      ^^^
hint: did you mean \`vars\`?

error: [web:vars] names a group that is not there: \`web\`
  --> hosts:6:2
6 | [web:vars]
  |  ^^^
hint: did you mean \`we\` or \`weeb\`?

error: in [web:vars] stand \`key=value\` lines
  --> hosts:7:1
7 | no equals sign
  | ^^^^^^^^^^^^^^

error: in [eu:children] stands one group a line
  --> hosts:10:1
10 | two words
   | ^^^^^^^^^

error: [front:children] names a group that is not there: \`wbe\`
  --> hosts:13:1
13 | wbe
   | ^^^
hint: did you mean \`we\`?

error: \`---\` is not a host
  --> hosts:15:1
15 | ---
   | ^^^
hint: an inventory in YAML needs a file name that ends in .yml or .yaml

error: this is not a section: [group], [group:vars] or [group:children]
  --> hosts:16:1
16 | [bad name]
   | ^^^^^^^^^^`)
})

test('all mistakes of a YAML file are reported at once', () => {
  expect(
    problems({
      'hosts.yml': `all:
  hosts: [a, b]
  childrn:
    web:
  children:
    web:
      hosts: { 'web[1': }
      vars: [1]
    list: [a]
`,
    }),
  ).toBe(`error: hosts of group \`all\` must be a mapping
  --> hosts.yml:2:10
2 |   hosts: [a, b]
  |          ^^^^^^
hint: write each host as a key: \`web1:\` instead of \`- web1\`

error: a group has hosts, children and vars, but no \`childrn\`
  --> hosts.yml:3:3
3 |   childrn:
  |   ^^^^^^^
hint: did you mean \`children\`?

error: a range needs both brackets: \`web[1:3]\`
  --> hosts.yml:7:16
7 |       hosts: { 'web[1': }
  |                ^^^^^^^

error: vars of group \`web\` must be a mapping of variables
  --> hosts.yml:8:13
8 |       vars: [1]
  |             ^^^

error: group \`list\` must be a mapping of hosts, children and vars
  --> hosts.yml:9:11
9 |     list: [a]
  |           ^^^`)
})

test('a group below itself is an error', () => {
  expect(
    problems({ hosts: '[a:children]\nb\n[b:children]\nc\n[c:children]\na\n' }),
  ).toBe(`error: group \`a\` cannot be below \`c\`: it would be below itself
  --> hosts:6:1
6 | a
  | ^`)
})

test('what cannot be read is said: scripts, TOML, missing files, broken variables files', () => {
  expect(problems({ inv: '#!/bin/sh\necho {}\n' })).toBe(
    'error: inv is a script, and must not be executed\nhint: chmod +x inv lets it be run',
  )
  expect(problems({ 'inv.toml': '[web]\n' })).toBe(
    'error: inv.toml is TOML, which is not supported yet as an inventory',
  )
  expect(problems({ 'prod.ini': 'a\n' }, ['prd.ini'])).toBe(
    'error: there is no inventory prd.ini\nhint: did you mean `prod.ini`?',
  )
  expect(
    problems({ hosts: '[web]\na\n', 'group_vars/web.yml': '- 1\n', 'group_vars/all.yml': 'a: [\n' }, ['hosts']),
  ).toContain('group_vars/web.yml must hold variables: `name: value`')
})

test('ten thousand hosts load', () => {
  const lines = Array.from(
    { length: 100 },
    (_, g) => `[g${g}]\nweb${g}-[1:100] ansible_user=appuser n=${g}\n[g${g}:vars]\na=1\n`,
  )
  const inventory = ini(lines.join(''))
  expect(inventory.hosts.size).toBe(10_000)
  const [a, b] = ['web7-1', 'web7-2'].map(name => inventory.hosts.get(name)?.layers[0])
  // Hosts of a group share its variables: memory does not grow with their product.
  expect(a).toBe(b)
})

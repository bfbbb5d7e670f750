import { expect, test } from 'vitest'
import { folder, mlops } from '../rig/mlops.ts'

const files = {
  hosts: '[web]\nw1 port=1\n[web:vars]\nport=2\nmotd="on {{ port }}"\n',
  'group_vars/all.yml': 'port: 3\nother: 4\n',
  'site.yml': `
- hosts: web
  vars: { port: 5 }
  vars_files: [more.yml]
  roles: [base]
  tasks: []
`,
  'more.yml': 'port: 6\n',
  'roles/base/defaults/main.yml': 'port: 7\ndefault: 8\n',
  'roles/base/tasks/main.yml': '[]\n',
}

test('every layer of a name is shown, the one that wins first', async () => {
  const { stdout } = await mlops(['vars', 'w1', 'port', '-i', 'hosts', '-e', 'port=0', '-p', 'site.yml'], {
    cwd: folder(files),
  })
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map(line => line.trim().split(/ {2,}/))
  expect(lines).toEqual([
    ['port = 0'],
    ['0', 'extra vars', 'extra vars'],
    ['6', 'vars_files', 'more.yml:1:1'],
    ['5', 'play vars', 'site.yml:3:9'],
    ['1', 'inventory', expect.stringMatching(/hosts:2:4$/)],
    ['3', 'inventory', 'group_vars/all.yml:1:1'],
    ['2', 'inventory', expect.stringMatching(/hosts:4:1$/)],
    ['7', 'role defaults', 'defaults of role base'],
  ])
})

test('without a name, the winners of all names are shown', async () => {
  const { stdout } = await mlops(['vars', 'w1', '-i', 'hosts', '--json'], { cwd: folder(files) })
  const shown = JSON.parse(stdout).map(({ name, value }: { name: string; value: unknown }) => [name, value])
  expect(shown).toEqual([
    ['motd', 'on {{ port }}'],
    ['other', 4],
    ['port', 1],
  ])
})

test('the value is shown as a task would see it', async () => {
  const { stdout } = await mlops(['vars', 'w1', 'motd', '-i', 'hosts'], { cwd: folder(files) })
  expect(stdout).toContain('motd = on 1\n')
})

test('a wrong name names near ones', async () => {
  const { stderr, status } = await mlops(['vars', 'w1', 'prt', '-i', 'hosts'], { cwd: folder(files) })
  expect(stderr).toContain('did you mean `port`?')
  expect(status).toBe(1)
})

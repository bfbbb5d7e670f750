import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadProject } from '../project/load.ts'
import type { Project, ServerSpec } from '../project/project.ts'
import { type BakeRecord, bakeRecord, imageName, readBakeRecords, rememberBake } from './bake-record.ts'

let directory = ''
let record: BakeRecord

const text = (vars: string) => `name: demo
servers: { prodserver: { user_data: user-data.yml }, devserver: }
vars: { ${vars} }
`
const project = (vars = 'a: 1'): Project => {
  write('mlops.yml', text(vars))
  return loadProject(join(directory, 'mlops.yml'))
}
const write = (name: string, content: string) => writeFileSync(join(directory, name), content)
const name = (of = project(), base = 'debian', what = record) => imageName(of, of.servers[0] as ServerSpec, what, base) // there are two

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mlops-record-'))
  for (const folder of ['app', 'roles']) mkdirSync(join(directory, folder))
  write('site.yml', '- hosts: all\n')
  write('app/main.js', 'one')
  write('user-data.yml', '#cloud-config\nusers: []\n')
  const read = ['site.yml', 'app'].map(path => join(directory, path))
  record = bakeRecord(project(), { playbook: join(directory, 'site.yml'), read, options: [] })
})
afterEach(() => rmSync(directory, { recursive: true }))

test('an image is named as long as nothing of what it was made of changes', () => {
  const first = name()
  expect(first).toMatch(/^demo-prodserver-[0-9a-f]{12}$/)
  write('roles/unread.yml', 'another')
  write('mlops.yml', `# a remark\n\n${text('a: 1')}`)
  expect(name(loadProject(join(directory, 'mlops.yml')))).toBe(first)
})

const again = () => bakeRecord(project(), { playbook: join(directory, 'site.yml'), read: [], options: ['-e'] })

test.each<[string, () => void, (() => string)?]>([
  ['the playbook', () => write('site.yml', '- hosts: none\n')],
  ['a file that a task takes', () => write('app/main.js', 'two')],
  ['a new file in a folder that a task takes', () => write('app/more.js', '')],
  ['variables beside the playbook', () => mkdirSync(join(directory, 'group_vars'))],
  ['the user data', () => write('user-data.yml', '#cloud-config\nusers: [default]\n')],
  ['a variable of the project', () => {}, () => name(project('a: 2'))],
  ['the base image', () => {}, () => name(project(), 'ubuntu')],
  ['the command line', () => {}, () => name(project(), 'debian', again())],
])('another image is named when there is a change of %s', (_, change, then = () => name()) => {
  const first = name()
  change()
  expect(then()).not.toBe(first)
})

test('what was baked is remembered by server, and nonsense is left out', () => {
  const of = project()
  expect(readBakeRecords(of).size).toBe(0)
  rememberBake(of, ['prodserver'], record)
  rememberBake(of, ['devserver'], { ...record, files: ['..'] })
  expect([...readBakeRecords(of)]).toEqual([
    ['prodserver', record],
    ['devserver', { ...record, files: ['..'] }],
  ])
  write('.mlops/baked.json', '{"prodserver": "no record"}')
  expect(readBakeRecords(of).size).toBe(0)
})

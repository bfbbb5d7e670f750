import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops } from '../rig/mlops.ts'

/** As with Ansible, whose Python keeps them as surrogates. */
test('bytes that are no UTF-8 reach hosts as they are: of files, of slurp, of templates, and in scripts', async () => {
  const cwd = folder({})
  const bytes = Buffer.concat([Buffer.from([0xff, 0xe9, 0x80]), randomBytes(300), Buffer.from('.')]).filter(
    byte => byte !== 0,
  )
  writeFileSync(join(cwd, 'logo'), bytes)
  writeFileSync(join(cwd, 'old.j2'), Buffer.from('caf\xe9 {{ 1 + 1 }}\n', 'latin1'))
  writeFileSync(
    join(cwd, 'site.yml'),
    `- hosts: all
  gather_facts: no
  vars: { folder: ${cwd} }
  tasks:
    - copy: { content: "{{ lookup('file', 'logo') }}", dest: "{{ folder }}/of-file" }
    - slurp: { src: "{{ folder }}/logo" }
      register: read
    - copy: { content: "{{ read.content | b64decode }}", dest: "{{ folder }}/of-slurp" }
    - template: { src: old.j2, dest: "{{ folder }}/of-template" }
    - shell: cat > "{{ folder }}/of-script"
      args: { stdin: "{{ lookup('file', 'logo') }}", stdin_add_newline: no }
    - assert:
        that:
          - lookup('file', 'logo') | b64encode == read.content
          - lookup('file', 'logo') | hash('sha256') == (lookup('pipe', 'sha256sum ' ~ folder ~ '/logo')).split()[0]
`,
  )
  const { stdout, status } = await mlops(['play', 'site.yml', '-i', 'h1,', '-c', 'local'], { cwd })
  expect([stdout, status]).toEqual([expect.stringContaining('ok=6 '), 0])
  for (const name of ['of-file', 'of-slurp', 'of-script']) expect(readFileSync(join(cwd, name))).toEqual(bytes)
  expect(readFileSync(join(cwd, 'of-template'), 'latin1')).toBe('caf\xe9 2\n')
})

const latin1 = (text: string) => Buffer.from(text, 'latin1')
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')
const site = '- hosts: all\n  gather_facts: no\n  vars: { name: caf\xe9 }\n  tasks: [debug: { var: name }]\n'
const ends = (file: string, place: string) => `error: this byte (0xe9) is no UTF-8\n  --> ${file}:${place}\n`

test.each([
  ['site.yml', latin1(site), ends('site.yml', '3:20')],
  ['group_vars/all.yml', latin1('a: 1\n\xe9b: 2\n'), ends('group_vars/all.yml', '2:1')],
  [
    'site.yml',
    utf16(site),
    'error: site.yml is UTF-16, and must be UTF-8\nhint: iconv -f utf-16 -t utf-8 site.yml writes',
  ],
  ['hosts', latin1('h1 a=1 # \xfc\nh2 b=\xe9\n'), 'error: this byte (0xfc) is no UTF-8\n  --> '],
])('%s that is no UTF-8 is refused at its place', async (name, bytes, words) => {
  const cwd = folder({ 'site.yml': site, hosts: 'h1 ansible_connection=local\n', 'group_vars/all.yml': '' })
  writeFileSync(join(cwd, name), bytes)
  const { status, stderr } = await mlops(['play', 'site.yml', '-i', 'hosts'], { cwd })
  expect(status).toBe(1)
  expect(stderr).toContain(words)
  expect(stderr).not.toContain('\udce9')
})

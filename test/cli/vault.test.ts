import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, mlops, root } from '../rig/mlops.ts'

const fixture = (name: string) => readFileSync(join(root, 'test/fixtures/vault', name), 'utf8')
const inventory = 'one ansible_connection=local\n'
const withPassword = ['--vault-password-file', 'pw']

test('encrypted files and values of ansible-vault play, and their texts are shown nowhere', async () => {
  const cwd = folder({
    pw: 'correct horse\n',
    pw2: 'second pass',
    hosts: inventory,
    'group_vars/all/secrets.yml': fixture('a.yml'),
    'vars/b.yml': fixture('b.yml'),
    'vars/s.yml': fixture('s.yml'),
    'block.txt': fixture('block.txt'),
    'site.yml': `
- hosts: one
  gather_facts: false
  vars_files: [vars/b.yml, vars/s.yml]
  tasks:
    - debug: msg="{{ db_password }} {{ top }} {{ greeting }}"
    - assert:
        that:
          - db_password == 's3cr3t-' ~ 'äöü'
          - greeting | length == 17
          - top == 'sec' ~ 'ret'
    - copy: { src: block.txt, dest: "{{ playbook_dir }}/out.txt" }
    - copy: { src: block.txt, dest: "{{ playbook_dir }}/same.txt", decrypt: false }
    - copy: { content: "password {{ db_password }}", dest: "{{ playbook_dir }}/with.txt" }
    - command: echo {{ db_password }}
    - command: "false {{ db_password }}"
      ignore_errors: true
`,
  })
  const args = ['play', 'site.yml', '-i', 'hosts', '-vvvv', '-D', '--vault-id', 'pw', '--vault-id', 'prod@pw2']
  const plain = await mlops(args, { cwd })
  expect(plain.stdout + plain.stderr).not.toMatch(/s3cr3t|hello \{\{ world|0123456789abcdef/)
  expect(plain.status).toBe(0)
  expect(plain.stdout).toContain('********')
  expect(readFileSync(join(cwd, 'out.txt'), 'utf8')).toBe('0123456789abcdef')
  expect(readFileSync(join(cwd, 'same.txt'), 'utf8')).toBe(fixture('block.txt'))
  expect(readFileSync(join(cwd, 'with.txt'), 'utf8')).toBe('password s3cr3t-äöü')
  const json = await mlops([...args, '--json'], { cwd })
  expect(json.stdout).not.toMatch(/s3cr3t|hello \{\{ world/)
  expect(json.status).toBe(0)
})

test('a playbook and a template may be encrypted as a whole', async () => {
  const cwd = folder({ pw: 'correct horse', hosts: inventory })
  writeFileSync(join(cwd, 'motd.j2'), 'motd of {{ inventory_hostname }}\n')
  writeFileSync(
    join(cwd, 'site.yml'),
    '- hosts: one\n  gather_facts: false\n  tasks:\n    - name: Write it\n      template: { src: motd.j2, dest: "{{ playbook_dir }}/motd" }\n',
  )
  expect((await mlops(['vault', 'encrypt', 'motd.j2', 'site.yml', ...withPassword], { cwd })).status).toBe(0)
  const { stdout, status } = await mlops(['play', 'site.yml', '-i', 'hosts', ...withPassword], { cwd })
  expect(status).toBe(0)
  expect(stdout).toContain('TASK [Write it]')
  expect(readFileSync(join(cwd, 'motd'), 'utf8')).toBe('motd of one\n')
})

test('without a password the playbook is told where the value is used', async () => {
  const cwd = folder({
    hosts: inventory,
    's.yml': fixture('s.yml'),
    'site.yml': '- hosts: one\n  gather_facts: false\n  vars_files: s.yml\n  tasks: [{ debug: { var: greeting } }]\n',
    pw: 'not this one',
  })
  const none = await mlops(['play', 'site.yml', '-i', 'hosts'], { cwd })
  expect(none.stdout).toContain('no vault password is given')
  expect(none.status).toBe(2)
  const wrong = await mlops(['play', 'site.yml', '-i', 'hosts', ...withPassword], { cwd })
  expect(wrong.stdout).toContain('none of the vault passwords opens')
})

test('a file is encrypted, viewed, edited, rekeyed and decrypted in its place', async () => {
  const cwd = folder({ pw: 'one pass', new: 'another pass', 'a.txt': 'first\n', 'editor.sh': 'echo second >> "$1"\n' })
  chmodSync(join(cwd, 'a.txt'), 0o640)
  const vault = (...args: string[]) =>
    mlops(['vault', ...args], { cwd, env: { EDITOR: `sh ${join(cwd, 'editor.sh')}` } })
  expect((await vault('encrypt', 'a.txt', ...withPassword)).status).toBe(0)
  expect(readFileSync(join(cwd, 'a.txt'), 'utf8')).toMatch(/^\$ANSIBLE_VAULT;1\.1;AES256\n/)
  expect(statSync(join(cwd, 'a.txt')).mode & 0o777).toBe(0o640)
  expect((await vault('encrypt', 'a.txt', ...withPassword)).stderr).toContain('a.txt is encrypted already')
  expect((await vault('edit', 'a.txt', ...withPassword)).status).toBe(0)
  expect((await vault('view', 'a.txt', ...withPassword)).stdout).toBe('first\nsecond\n')
  expect((await vault('rekey', 'a.txt', ...withPassword, '--new-vault-id', 'prod@new')).status).toBe(0)
  expect(readFileSync(join(cwd, 'a.txt'), 'utf8')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/)
  expect((await vault('view', 'a.txt', ...withPassword)).status).toBe(1)
  expect((await vault('decrypt', 'a.txt', '--vault-id', 'prod@new')).status).toBe(0)
  expect(readFileSync(join(cwd, 'a.txt'), 'utf8')).toBe('first\nsecond\n')
})

test('a value that encrypt_string writes is read again; a script gives the password', async () => {
  const cwd = folder({ 'give-client.sh': '#!/bin/sh\nprintf "pass of %s" "$2"\n', hosts: inventory })
  chmodSync(join(cwd, 'give-client.sh'), 0o755)
  const id = ['--vault-id', 'prod@give-client.sh']
  const { stdout, status } = await mlops(['vault', 'encrypt_string', '-n', 'secret', 'hidden {{ text }}', ...id], {
    cwd,
  })
  expect(status).toBe(0)
  expect(stdout).toMatch(/^secret: !vault \|\n {10}\$ANSIBLE_VAULT;1\.2;AES256;prod\n/)
  writeFileSync(join(cwd, 'vars.yml'), stdout)
  writeFileSync(
    join(cwd, 'site.yml'),
    `- hosts: one\n  gather_facts: false\n  tasks:\n    - copy: { content: "{{ secret }}", dest: "{{ playbook_dir }}/out" }\n`,
  )
  const played = await mlops(['play', 'site.yml', '-i', 'hosts', '-e', '@vars.yml', ...id], { cwd })
  expect(played.status).toBe(0)
  expect(readFileSync(join(cwd, 'out'), 'utf8')).toBe('hidden {{ text }}')
})

test('what a no_log task registered is hidden in later tasks', async () => {
  const cwd = folder({
    hosts: inventory,
    'site.yml': `
- hosts: one
  gather_facts: false
  tasks:
    - command: printf tok-%s 4711
      register: token
      no_log: true
    - debug: var=token.stdout
`,
  })
  const { stdout } = await mlops(['play', 'site.yml', '-i', 'hosts', '-vvv'], { cwd })
  expect(stdout).toContain('"token.stdout": "********"')
  expect(stdout).not.toContain('tok-4711')
})

import { expect, test } from 'vitest'
import { folder, mlops, playLocally, recap } from '../rig/mlops.ts'

const shellModule = `#!/bin/sh
# WANT_JSON
name=$(sed -n 's/.*"name": "\\([^"]*\\)".*/\\1/p' "$1")
case $(cat "$1") in *'"_ansible_check_mode": true'*) check=true ;; *) check=false ;; esac
printf 'a warning before the result\\n{"changed": true, "greeting": "hello %s", "check": %s, "file": "%s"}\\n' "$name" "$check" "$1"
`

const jsModule = `
import { basename } from 'node:path'
export default ({ defineState, sh, ModuleFailure }) => defineState({
  summary: 'Writes a word into a file.',
  args: { path: { type: 'path', required: true, doc: 'The file.' }, word: { type: 'str', default: 'none', doc: 'The word.' } },
  examples: '',
  look: ({ path }) => sh\`cat -- \${path} 2>/dev/null || :\`,
  read: output => ({ word: output.stdout }),
  want: ({ word }) => {
    if (word === 'bad') throw new ModuleFailure('a bad word')
    return { word }
  },
  change: ({ path, word }) => ({ script: sh\`printf '%s' \${word} >\${path}\` }),
  returns: ({ path }) => ({ base: basename(path) }),
})
`

test('scripts beside the playbook are modules: JSON in, JSON out, in any interpreter', async () => {
  const { stdout, status } = await playLocally(
    `
- hosts: all
  gather_facts: false
  tasks:
    - greet: { name: "{{ 'w' ~ 'orld' }}", list: [1, 2] }
      register: greeted
    - assert:
        that: [greeted.greeting == 'hello world', greeted is changed, greeted.check is false]
    - stat: { path: "{{ greeted.file }}" }
      register: left
    - assert: { that: not left.stat.exists }
    - words: one=1 two="a b"
      register: worded
    - assert: { that: "worded.said == 'one=1 two=a b'" }
    - fails: {}
      ignore_errors: true
      register: failed
    - assert: { that: [failed is failed, failed.rc == 3, "'no such thing' in failed.msg"] }
    - local_action: greet name=local
`,
    {
      files: {
        'library/greet': shellModule,
        'library/words.sh': '#!/bin/sh\n. "$1"\nprintf \'{"said": "one=%s two=%s"}\' "$one" "$two"\n',
        'library/fails': '#!/bin/sh\necho no such thing >&2; exit 3\n',
        'library/README.md': 'not a module\n',
      },
    },
  )
  expect([status, recap(stdout).one]).toEqual([0, expect.objectContaining({ changed: 2, failed: 0, ignored: 1 })])
})

test('a script that knows of check mode runs in it, and others are skipped', async () => {
  const play = `
- hosts: all
  gather_facts: false
  tasks:
    - blind: {}
    - greet: { name: a }
      register: greeted
    - assert: { that: greeted.check }
`
  const { stdout, status } = await playLocally(play, {
    args: ['--check'],
    files: { 'library/greet': shellModule, 'library/blind': '#!/bin/sh\necho "{}"; touch /nonexistent/x\n' },
  })
  expect([status, recap(stdout).one]).toEqual([0, expect.objectContaining({ ok: 2, skipped: 1 })])
})

test('JavaScript and TypeScript beside the playbook are modules by the contract of those that come along', async () => {
  const typed = jsModule
    .replace('export default (', 'type Args = { readonly path: string; readonly word: string }\nexport default (')
    .replace('want: ({ word }) =>', 'want: ({ word }: Args) =>')
  const play = (module: string) => `
- hosts: all
  gather_facts: false
  tasks:
    - ${module}: { path: "{{ playbook_dir }}/it's here", word: 'a "word" $HOME' }
      register: first
    - ${module}: { path: "{{ playbook_dir }}/it's here", word: 'a "word" $HOME' }
      register: second
    - assert: { that: [first is changed, second is not changed, first.base == "it's here"] }
    - ${module}: { path: /nowhere, word: bad }
      ignore_errors: true
      register: bad
    - assert: { that: bad.msg == 'a bad word' }
`
  for (const [file, module] of [
    ['write_word.mjs', jsModule],
    ['typed_word.ts', typed],
  ] as const) {
    const { status, stdout, stderr } = await playLocally(play(file.split('.')[0] ?? ''), {
      files: { [`library/${file}`]: module },
    })
    expect([file, status, stderr]).toEqual([file, 0, ''])
    expect(recap(stdout).one).toMatchObject({ ok: 5, changed: 1, ignored: 1 })
  }
})

test('arguments of a module of one’s own are checked before anything is played', async () => {
  const { stderr, status } = await playLocally('- hosts: all\n  tasks:\n    - write_word: { pth: /a }\n', {
    files: { 'library/write_word.mjs': jsModule },
  })
  expect(stderr).toContain('write_word has no argument `pth`')
  expect(stderr).toContain('did you mean `path`?')
  expect(status).toBe(1)
})

test('modules that need Ansible’s Python library, and files that are no modules, are refused with a reason', async () => {
  const play = '- hosts: all\n  tasks:\n    - pythonic: {}\n'
  const python = '#!/usr/bin/python3\nfrom ansible.module_utils.basic import AnsibleModule\n'
  const first = await playLocally(play, { files: { 'library/pythonic.py': python } })
  expect([first.status, first.stderr]).toEqual([1, expect.stringContaining('site.yml:3:7')])
  expect(first.stderr).toContain('imports Ansible’s Python library')
  const second = await playLocally(play, { files: { 'library/pythonic.mjs': 'export default 1\n' } })
  expect([second.status, second.stderr]).toEqual([1, expect.stringContaining('its default export is no module')])
})

test('a role brings its own modules, and one’s own wins over those that come along', async () => {
  const { stdout, status } = await playLocally(
    `
- hosts: all
  gather_facts: false
  roles: [polite]
  tasks:
    - ping:
      register: mine
    - ansible.builtin.ping:
      register: theirs
    - assert: { that: [mine.ping == 'mine', theirs.ping == 'pong'] }
`,
    {
      files: {
        'roles/polite/tasks/main.yml': '- greet: { name: role }\n',
        'roles/polite/library/greet': shellModule,
        'library/ping': '#!/bin/sh\necho \'{"ping": "mine"}\'\n',
      },
    },
  )
  expect(recap(stdout).one).toMatchObject({ ok: 4, changed: 1 })
  expect(status).toBe(0)
})

test('run and lint know the modules beside the playbook, too', async () => {
  const cwd = folder({
    'library/greet': '#!/bin/sh\n# WANT_JSON\necho \'{"changed": false, "msg": "hello from library"}\'\n',
    'site.yml': '- hosts: all\n  gather_facts: false\n  tasks:\n    - name: Greet\n      greet:\n',
    'hosts.ini': 'one ansible_connection=local\n',
  })
  const ran = await mlops(['run', 'all', '-m', 'greet', '-i', 'hosts.ini'], { cwd })
  expect(ran.status, ran.stdout + ran.stderr).toBe(0)
  expect(ran.stdout).toContain('hello from library')
  expect((await mlops(['lint', 'site.yml', '-i', 'hosts.ini'], { cwd })).status).toBe(0)
})

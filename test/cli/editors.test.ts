import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { folder, mlops, root } from '../rig/mlops.ts'

/** Checks as an editor does: YAML to data, data against the schema. */
async function checker(file: string): Promise<(yaml: string) => string[]> {
  const { stdout } = await mlops(['schema', file])
  const ajv = new Ajv({ allErrors: true, strict: false, inlineRefs: false })
  const validate = ajv.compile(JSON.parse(stdout))
  return yaml => {
    validate(parse(yaml, { version: '1.1', merge: true, uniqueKeys: false }))
    return (validate.errors ?? []).map(({ instancePath }) => instancePath)
  }
}

test('the playbook schema takes real playbooks', async () => {
  const check = await checker('playbook')
  const playbooks = [
    'playbooks/configuration.yml',
    'test/fixtures/lab/configuration-2021.yml',
    'test/fixtures/lab/configuration-2023.yml',
    'test/e2e/modules.yml',
  ]
  for (const file of playbooks) expect([file, check(readFileSync(join(root, file), 'utf8'))]).toEqual([file, []])
})

test('the playbook schema refuses what a play would refuse', async () => {
  const check = await checker('playbook')
  expect(check('- hosts: all\n  tasks:\n    - copy: { dest: /a, content: b }\n      become: "{{ yes }}"\n')).toEqual([])
  expect(check('- hosts: all\n  tasks:\n    - copy: { dst: /a }\n')).toContain('/0/tasks/0/copy')
  expect(check('- hosts: all\n  taks: []\n')).toContain('/0')
  expect(check('- tasks: []\n')).toContain('/0')
  expect(check('- hosts: all\n  tasks:\n    - file: { path: /a, state: gone }\n')).toContain('/0/tasks/0/file/state')
})

test('the playbook schema knows loops of blocks, turns at a time and the debugger', async () => {
  const check = await checker('playbook')
  const tasks = (text: string) => check(`- hosts: all\n  tasks:\n${text.replace(/^/gm, '    ')}\n`)
  expect(tasks('- block: [{ ping: }]\n  loop: [a]\n  loop_control: { loop_var: x }\n  debugger: never')).toEqual([])
  expect(tasks('- block: [{ ping: }]\n  with_items: [a]')).toEqual([])
  expect(tasks('- ping:\n  loop: [a]\n  loop_control: { parallel: 6 }')).toEqual([])
  expect(tasks('- ping:\n  loop: [a]\n  loop_control: { parallel: 7 }')).toContain('/0/tasks/0/loop_control/parallel')
  expect(tasks('- ping:\n  loop: [a]\n  loop_control: { loop_vra: x }')).toContain('/0/tasks/0/loop_control')
  expect(tasks('- ping:\n  debugger: sometimes')).toContain('/0/tasks/0/debugger')
})

test('the inventory and project schemas take what is right and refuse what is not', async () => {
  const inventory = await checker('inventory')
  expect(inventory('all: { hosts: { a: { ansible_port: 22 }, b: }, children: { web: { hosts: { a: } } } }')).toEqual([])
  expect(inventory('all: { host: { a: } }')).toContain('/all')
  const project = await checker('project')
  expect(project('name: demo\nservers: { prodserver: }')).toEqual([])
  expect(project('name: demo')).toContain('')
})

test('bash completes commands, options, subcommands and files', async () => {
  const { stdout } = await mlops(['completion', 'bash'])
  const cwd = folder({ 'mlops.bash': stdout, 'site.yml': '' })
  const complete = (...words: string[]) =>
    execFileSync(
      'bash',
      [
        '-c',
        'source ./mlops.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mlops; printf "%s " "$' + '{COMPREPLY[@]}"',
        'x',
        'mlops',
        ...words,
      ],
      { cwd, encoding: 'utf8' },
    ).trim()
  expect(complete('pl')).toContain('play')
  expect(complete('play', '--start')).toBe('--start-at-task')
  expect(complete('vault', 'enc')).toBe('encrypt encrypt_string')
  expect(complete('schema', 'in')).toBe('inventory')
  expect(complete('play', 'si')).toBe('site.yml')
  expect(complete('argocd', 'app', 'sy')).toBe('sync')
  expect(complete('k8s', 'apply', '--dr')).toBe('--dry-run')
  expect(complete('k8s', 'apply', '--previous')).toBe('')
  expect(complete('argocd', '--insecure', 'app', 'create', '--dest-n')).toBe('--dest-name --dest-namespace')
})

test('the other shells get their scripts, too', async () => {
  const zsh = await mlops(['completion', 'zsh'])
  expect(zsh.stdout).toMatch(/^#compdef mlops\n/)
  const fish = await mlops(['completion', 'fish'])
  expect(fish.stdout).toContain("complete -c mlops -n '__mlops_at play' -l limit -s l -r -d ")
  expect((await mlops(['completion', 'tcsh'])).status).toBe(1)
})

test('the help names every command', async () => {
  const { stdout } = await mlops(['--help'])
  for (const name of ['vault', 'inventory', 'run', 'doc', 'vars', 'lint', 'schema', 'completion'])
    expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { ServerSpec } from '../project/project.ts'
import { KEY_PLACEHOLDER, userData } from './user-data.ts'

const KEY = 'ssh-ed25519 AAAA+/= mlops-demo'

function spec(userDataFile: string | undefined): ServerSpec {
  return {
    ...{ name: 'prodserver', provider: 'docker', image: 'debian-13', user: 'deploy', groups: [], port: 22, vars: {} },
    ...{ address: undefined, hostKey: undefined, privateKeyFile: undefined, userDataFile },
    at: { file: 'mlops.yml', line: 3, column: 1 },
  }
}

function withFile(content: string, use: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-user-data-'))
  try {
    const file = join(folder, 'data.yml')
    writeFileSync(file, content)
    use(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test.each(['prod', 'dev'])('cloud-init/%s.yml differs from what a server gets in the key alone', name => {
  const file = new URL(`../../cloud-init/${name}.yml`, import.meta.url).pathname
  const text = userData(spec(file), KEY)
  expect(text.replaceAll(KEY, KEY_PLACEHOLDER)).toBe(readFileSync(file, 'utf8'))
  expect(parse(text)).toEqual({
    users: [
      {
        name: 'appuser',
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        homedir: '/home/appuser',
        shell: '/bin/bash',
        ssh_authorized_keys: [KEY],
      },
    ],
    byobu_by_default: 'system',
  })
})

test('a server without user data gets the login user with the key', () => {
  expect(parse(userData(spec(undefined), KEY))).toEqual({
    users: [
      {
        name: 'deploy',
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        homedir: '/home/deploy',
        shell: '/bin/bash',
        ssh_authorized_keys: [KEY],
      },
    ],
  })
})

test('other braces reach cloud-init as they are', () => {
  withFile('## template: jinja\n#cloud-config\nhostname: {{ v1.local_hostname }}\n', file => {
    expect(userData(spec(file), KEY)).toBe('## template: jinja\n#cloud-config\nhostname: {{ v1.local_hostname }}\n')
  })
})

test('user data that cloud-init would ignore is refused', () => {
  withFile('users: []\n', file => {
    expect(() => userData(spec(file), KEY)).toThrow('its first line says no format')
  })
})

test('user data that is not there is refused with the place in mlops.yml', () => {
  expect(() => userData(spec('/nowhere/data.yml'), KEY)).toThrow(
    expect.objectContaining({ code: 'user-data.unreadable', at: { file: 'mlops.yml', line: 3, column: 1 } }),
  )
})

import { readFileSync } from 'node:fs'
import { MlopsError } from '../errors.ts'
import type { ServerSpec } from '../project/project.ts'

/** The one placeholder of our user data files: the public half of the key that `mlops` logs in with, as one line. */
export const KEY_PLACEHOLDER = '{{ cluster_public_key }}'

/** The cloud-init user data of a server, with the key in its place. All other bytes are those of the file. */
export function userData(spec: ServerSpec, publicKey: string): string {
  const text = spec.userDataFile === undefined ? minimal(spec.user) : read(spec.userDataFile, spec)
  return text.replaceAll(KEY_PLACEHOLDER, publicKey)
}

/** What a server needs at least: the login user with the key, and sudo. */
function minimal(user: string): string {
  return [
    '#cloud-config',
    'users:',
    `  - name: ${user}`,
    '    sudo: ALL=(ALL) NOPASSWD:ALL',
    `    homedir: /home/${user}`,
    '    shell: /bin/bash',
    '    ssh_authorized_keys:',
    `      - "${KEY_PLACEHOLDER}"`,
    '',
  ].join('\n')
}

function read(file: string, spec: ServerSpec): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MlopsError('user-data.unreadable', `the user data of ${spec.name}, ${file}, cannot be read`, {
      at: spec.at,
      cause,
      hint: 'give the path relative to mlops.yml, or leave `user_data` out for a minimal one',
    })
  }
  if (/^(#cloud-config|#!|#include|## template:|Content-Type:)/i.test(text)) return text
  throw new MlopsError('user-data.format', `cloud-init would ignore ${file}: its first line says no format`, {
    at: { file, line: 1, column: 1, text: text.split('\n')[0] ?? '' },
    hint: 'begin the file with a line `#cloud-config`',
  })
}

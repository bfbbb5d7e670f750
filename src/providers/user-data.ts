import { existsSync, readFileSync } from 'node:fs'
import { checkUserDataFile, configDocument } from '../cloud-init/check.ts'
import { whoIsLockedOut } from '../cloud-init/login.ts'
import { cloudConfigs, unpacked } from '../cloud-init/user-data.ts'
import { KEY_PLACEHOLDER } from '../cloud-init/without-templates.ts'
import { MlopsError, throwAll } from '../errors.ts'
import type { Project, ServerSpec } from '../project/project.ts'
import { shownPath } from '../source/load.ts'
import { loginKey } from './cluster-key.ts'

export { KEY_PLACEHOLDER } from '../cloud-init/without-templates.ts'

/**
 * Checks the user data of these servers before any of them is made: warnings are told, errors thrown, all at once
 * (`user-data.*`, `cloud-config.*`, `source.*`).
 */
export function checkUserData(project: Project, names: readonly string[], onWarning: (text: string) => void): void {
  const specs = project.servers.filter(spec => names.includes(spec.name))
  const files = new Set(specs.flatMap(spec => spec.userDataFile ?? []))
  const found = [...files].map(checkUserDataFile)
  const locked = found.every(({ errors }) => errors.length === 0) ? specs.flatMap(lockedOut) : []
  for (const { message, at, hint } of [...found.flatMap(each => each.warnings), ...locked]) {
    const place = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `
    onWarning(`${place}${message}${hint === undefined ? '' : ` (${hint})`}`)
  }
  throwAll(found.flatMap(each => each.errors))
}

/** That the user data of a server makes users, and does not let in the one whom we log in as. */
function lockedOut({ name, provider, user, userDataFile: file, privateKeyFile }: ServerSpec): MlopsError[] {
  if (file === undefined || provider === 'static') return []
  const [config, second] = cloudConfigs(unpacked(readFileSync(file)), shownPath(file))
  if (config === undefined || second || config.isTemplate) return []
  const { root } = configDocument(config, shownPath(file))
  const key =
    privateKeyFile === undefined || !existsSync(privateKeyFile) ? undefined : loginKey(privateKeyFile).publicKey
  const at = whoIsLockedOut(root, user, key)
  if (at === undefined) return []
  const hint =
    privateKeyFile === undefined
      ? `put "${KEY_PLACEHOLDER}" under its ssh_authorized_keys, or name the \`user\` and \`private_key\` of ${name} in mlops.yml`
      : `put the public half of ${shownPath(privateKeyFile)} under its ssh_authorized_keys`
  return [
    new MlopsError('user-data.login', `${name}: nobody could log in as \`${user}\` with the key of mlops`, {
      at,
      hint,
    }),
  ]
}

/** The cloud-init user data of a server, with the key in its place. All other bytes are those of the file. */
export function userData(spec: ServerSpec, publicKey: string): string {
  const text = spec.userDataFile === undefined ? minimal(spec.user) : read(spec.userDataFile, spec)
  return text.replaceAll(KEY_PLACEHOLDER, publicKey)
}

/** What a server needs at least. */
function minimal(user: string): string {
  return `#cloud-config\nusers:\n${loginUser(user, KEY_PLACEHOLDER)}`
}

/** The item of `users` for who logs in: with the key, and sudo. */
export function loginUser(user: string, publicKey: string): string {
  return [
    `  - name: ${user}`,
    '    sudo: ALL=(ALL) NOPASSWD:ALL',
    `    homedir: ${user === 'root' ? '/root' : `/home/${user}`}`,
    '    shell: /bin/bash',
    '    ssh_authorized_keys:',
    `      - "${publicKey}"`,
    '',
  ].join('\n')
}

/** The text of a file, unpacked where it is packed by gzip. */
function read(file: string, spec: ServerSpec): string {
  let text: string
  try {
    text = unpacked(readFileSync(file))
  } catch (cause) {
    throw new MlopsError('user-data.unreadable', `the user data of ${spec.name}, ${file}, cannot be read`, {
      at: spec.at,
      cause,
      hint: 'give the path relative to mlops.yml, or leave `user_data` out for a minimal one',
    })
  }
  cloudConfigs(text, shownPath(file))
  return text
}

import { execFileSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { MlopsError, reasonOf } from '../errors.ts'

/** The password of a file: its first line, or that of what it prints when it may be executed. Throws `cli.password-file`. */
export function readPassword(file: string): string {
  let text: string
  try {
    text = isProgram(file) ? execFileSync(file, { encoding: 'utf8' }) : readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MlopsError('cli.password-file', `the password file ${file} cannot be read: ${reasonOf(cause)}`, { cause })
  }
  const [first = ''] = text.split(/\r?\n/)
  if (first.trim() !== '') return first.trim()
  throw new MlopsError('cli.password-file', `the password file ${file} is empty`)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

import { ModuleFailure } from '../module.ts'

/**
 * A mode as `chmod` takes it: octal with a zero in front, or symbolic, for a folder or a file that may be run, or for another file.
 * `X` is decided here: BusyBox and GNU do not agree on it.
 */
export function modeWord(mode: unknown, mayBeEntered: boolean): string {
  if (typeof mode === 'number') return `0${mode.toString(8)}`
  const text = String(mode).trim()
  if (/^(0o)?[0-7]{1,5}$/.test(text)) return `0${text.replace('0o', '')}`
  if (/^[ugoa]*[-+=][rwxXstugo]*(,[ugoa]*[-+=][rwxXstugo]*)*$/.test(text)) {
    return text.replaceAll('X', mayBeEntered ? 'x' : '')
  }
  throw new ModuleFailure(`mode must be in octal or symbolic form: ${text}`)
}

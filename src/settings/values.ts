import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { MlopsError, type Position } from '../errors.ts'
import { didYouMean } from '../near.ts'
import type { Config, Environment } from './config.ts'

interface Found {
  readonly value: string
  /** As people know it: the variable, or the key of the file. */
  readonly name: string
  readonly at: Position | undefined
  /** Where relative paths begin. */
  readonly folder: string
}

/** Looks values up, the environment first, and gathers what is wrong with them. */
export class Values {
  readonly errors: MlopsError[] = []
  private readonly env: Environment
  private readonly cwd: string
  private readonly config: Config | undefined

  constructor({ env, cwd, config }: { env: Environment; cwd: string; config: Config | undefined }) {
    this.env = env
    this.cwd = cwd
    this.config = config
  }

  text(variable: string | undefined, key: string): string | undefined {
    return this.find(variable, key)?.value
  }

  /** Words between commas, and the folder where relative paths among them begin. */
  texts(variable: string, key: string): { readonly value: string; readonly folder: string }[] {
    const found = this.find(variable, key)
    const words = found?.value.split(',').map(word => word.trim()) ?? []
    return words.filter(word => word !== '').map(value => ({ value, folder: found?.folder ?? this.cwd }))
  }

  number(variable: string, key: string, least: number): number | undefined {
    const found = this.find(variable, key)
    if (!found) return undefined
    const value = Number(found.value)
    if (Number.isInteger(value) && value >= least) return value
    this.wrong(found, `must be a whole number of at least ${least}`)
    return undefined
  }

  boolean(variable: string, key?: string): boolean | undefined {
    const found = this.find(variable, key)
    if (!found) return undefined
    if (/^(y|yes|on|1|true|t|1\.0)$/i.test(found.value)) return true
    if (/^(n|no|off|0|false|f|0\.0)$/i.test(found.value)) return false
    this.wrong(found, 'must be true or false')
    return undefined
  }

  choice<const T extends string>(variable: string, key: string, choices: readonly T[]): T | undefined {
    const found = this.find(variable, key)
    if (!found) return undefined
    const choice = choices.find(candidate => candidate === found.value)
    if (choice === undefined)
      this.wrong(found, `must be one of ${choices.join(', ')}`, didYouMean(found.value, choices))
    return choice
  }

  path(variable: string, key: string): string | undefined {
    const found = this.find(variable, key)
    return found && toPath(found.value, found.folder)
  }

  /** A list of paths. A list of hosts (`a,b,`) among the inventories is kept as it is. */
  paths(variable: string, key: string, separator: ',' | ':'): string[] | undefined {
    const found = this.find(variable, key)
    if (!found) return undefined
    if (separator === ',' && found.value.endsWith(',')) return [found.value]
    return found.value
      .split(separator)
      .map(part => part.trim())
      .filter(part => part !== '')
      .map(part => toPath(part, found.folder))
  }

  /** Tells that a setting is needed which nobody gave. */
  missing(variable: string, key: string, what: string): void {
    const message = `${what} is not said`
    this.errors.push(
      new MlopsError('settings.missing', message, { hint: `set ${variable}, or \`${key}\` in ansible.cfg` }),
    )
  }

  private find(variable: string | undefined, key?: string): Found | undefined {
    const value = variable === undefined ? undefined : this.env[variable]
    if (variable && value) return { value, name: variable, at: undefined, folder: this.cwd }
    if (key === undefined) return undefined
    const set = this.config?.values.get(key)
    if (!set || set.value === '' || !this.config) return undefined
    return { value: unquoted(set.value), name: key, at: set.at, folder: dirname(this.config.file) }
  }

  private wrong(found: Found, rule: string, hint?: string): void {
    const message = `\`${found.name}\` ${rule}, not \`${found.value}\``
    this.errors.push(new MlopsError('settings.value', message, { at: found.at, hint }))
  }
}

/** A path of a setting, absolute. */
export function toPath(text: string, folder: string): string {
  return resolve(folder, text.replace(/^~(?=\/|$)/, homedir()).replaceAll('{{CWD}}', process.cwd()))
}

function unquoted(value: string): string {
  return /^(["']).*\1$/s.test(value) ? value.slice(1, -1) : value
}

import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { checkUserDataFile } from '../cloud-init/check.ts'
import { topLevelKeys } from '../cloud-init/schema.ts'
import { holdsCloudConfig, unpacked } from '../cloud-init/user-data.ts'
import { explain, MlopsError, MlopsErrors } from '../errors.ts'
import { lint } from '../lint/lint.ts'
import { loadPlaybook } from '../playbook/load.ts'
import type { SourceWarning } from '../source/node.ts'
import { modulesFor } from './library.ts'
import { openSession, type ReachFlags, runOptions } from './session.ts'

/** Flags of `mlops lint`. */
export interface LintFlags extends ReachFlags {
  readonly strict?: boolean
  readonly json?: boolean
  readonly output?: 'plain' | 'json'
}

interface Findings {
  readonly errors: readonly MlopsError[]
  readonly warnings: readonly MlopsError[]
}

/** Checks playbooks; gives the exit status. */
export async function lintPlaybooks(playbooks: readonly string[], given: LintFlags): Promise<0 | 1> {
  const flags: LintFlags = { ...given, json: given.json === true || given.output === 'json' }
  const all = await Promise.all(playbooks.map(file => findingsOf(file, flags)))
  const errors = all.flatMap(each => each.errors)
  const warnings = all.flatMap(each => each.warnings)
  for (const error of errors) show('error', error, flags)
  for (const warning of warnings) show('warning', warning, flags)
  if (!flags.json) process.stdout.write(`${counted(errors.length, 'error')}, ${counted(warnings.length, 'warning')}\n`)
  return errors.length > 0 || (flags.strict && warnings.length > 0) ? 1 : 0
}

async function findingsOf(file: string, flags: LintFlags): Promise<Findings> {
  if (holdsUserData(file)) return findingsOfUserData(file)
  const session = openSession(flags, dirname(file), { inventoryNeeded: false })
  const { extraVars } = runOptions(flags, session)
  const inventory = session.inventory.hosts.size > 0 ? session.inventory : undefined
  try {
    const modules = await modulesFor(resolve(dirname(file)), session.settings)
    const { rolesPath, collectionsPath } = session.settings
    const loaded = loadPlaybook(file, { modules, extraVars, rolesPath, collectionsPath })
    return {
      errors: [],
      warnings: [...loaded.warnings.map(asFinding), ...lint(loaded, { modules, inventory, extraVars })],
    }
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error
    return { errors: error instanceof MlopsErrors ? error.errors : [error], warnings: [] }
  }
}

/** Files of user data stand beside playbooks. One without its first line is told by the keys that it begins with. */
function holdsUserData(file: string): boolean {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false
  const text = unpacked(readFileSync(file))
  return holdsCloudConfig(text) || topLevelKeys.some(key => text.startsWith(`${key}:`))
}

function findingsOfUserData(file: string): Findings {
  const { errors, warnings } = checkUserDataFile(file)
  return { errors, warnings: warnings.filter(({ at }) => !/#.*\bnoqa\b/.test(at?.text ?? '')) }
}

function asFinding({ message, at }: SourceWarning): MlopsError {
  return new MlopsError('lint.load', message, { at })
}

function show(severity: 'error' | 'warning', error: MlopsError, { json }: LintFlags): void {
  const { code, message, at, hint } = error
  if (json) {
    const place = at && { file: at.file, line: at.line, column: at.column }
    process.stdout.write(`${JSON.stringify({ severity, code, message, ...place, hint })}\n`)
    return
  }
  const rule = severity === 'warning' ? ` [${code.replace(/^(?:lint|cloud-config)\./, '')}]` : ''
  const [first = '', ...rest] = explain(error).split('\n')
  process.stdout.write(`${[first.replace(/^error:/, `${severity}:`) + rule, ...rest].join('\n')}\n\n`)
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

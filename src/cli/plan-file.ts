import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { MlopsError, reasonOf } from '../errors.ts'
import type { PlanFlags } from './plan.ts'
import type { Made } from './plan-make.ts'
import type { Session } from './session.ts'

const VERSION = 1

/** Flags that choose what is played, where and as whom; a saved plan is applied with the same. */
const KEPT = [
  'limit',
  'tags',
  'skipTags',
  'user',
  'connection',
  'become',
  'becomeUser',
  'becomeMethod',
  'startAtTask',
  'forceHandlers',
] as const

/** A saved plan. It holds digests instead of values, but names of tasks and items: for its owner alone. */
export interface Plan {
  readonly version: typeof VERSION
  /** ISO 8601. */
  readonly made: string
  readonly playbooks: readonly string[]
  readonly inventory: readonly string[]
  readonly flags: Readonly<Pick<PlanFlags, (typeof KEPT)[number]>>
  /** Names that `-e` gave; their values are not kept. */
  readonly extraVars: readonly string[]
  readonly hosts: Made['hosts']
}

/** The plan of what was seen. */
export function planOf(
  { hosts }: Made,
  {
    playbooks,
    flags,
    session,
    extraVars,
  }: { playbooks: readonly string[]; flags: PlanFlags; session: Session; extraVars: readonly string[] },
): Plan {
  const kept = Object.fromEntries(KEPT.flatMap(name => (flags[name] === undefined ? [] : [[name, flags[name]]])))
  return {
    version: VERSION,
    made: new Date().toISOString(),
    playbooks: playbooks.map(file => resolve(file)),
    inventory: session.sources,
    flags: kept,
    extraVars: [...extraVars].sort(),
    hosts,
  }
}

/** Writes a plan, whole or not at all, for its owner alone. Diffs are left out: they hold contents. */
export function writePlan(file: string, plan: Plan): void {
  const text = JSON.stringify(plan, (key, value) => (key === 'diff' ? undefined : value), 2)
  const temporary = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, `${text}\n`, { mode: 0o600, flush: true })
    renameSync(temporary, file)
  } catch (cause) {
    rmSync(temporary, { force: true })
    throw new MlopsError('plan.unwritable', `the plan cannot be written to ${file}: ${reasonOf(cause)}`, { cause })
  }
}

/** Throws `plan.unreadable`. */
export function readPlan(file: string): Plan {
  let plan: unknown
  try {
    plan = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    if (!(cause instanceof SyntaxError))
      throw new MlopsError('plan.unreadable', `the plan ${file} cannot be read: ${reasonOf(cause)}`, { cause })
  }
  if (isPlan(plan)) return plan
  throw new MlopsError('plan.unreadable', `${file} is no plan that this version can apply`, {
    hint: 'mlops plan PLAYBOOK --out FILE makes one',
  })
}

function isPlan(value: unknown): value is Plan {
  if (typeof value !== 'object' || value === null) return false
  const plan: Partial<Plan> = value
  return (
    plan.version === VERSION &&
    Array.isArray(plan.playbooks) &&
    Array.isArray(plan.inventory) &&
    Array.isArray(plan.extraVars) &&
    typeof plan.flags === 'object' &&
    typeof plan.hosts === 'object'
  )
}

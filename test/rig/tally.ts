import { writeFileSync } from 'node:fs'
import type { TestModule } from 'vitest/node'

/** What became of a run's tests; `bin/test` adds several up. */
export interface Tally {
  readonly passed: number
  /** Each with its file, its name and what it said. */
  readonly failed: readonly string[]
  readonly skipped: readonly string[]
  /** Failed once and passed the second time: to be looked into. */
  readonly flaky: readonly string[]
}

/** Writes the tally of a run to the file that `MLOPS_TALLY` names. */
export default class TallyReporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly { readonly message: string }[]): void {
    const file = process.env['MLOPS_TALLY']
    if (file !== undefined) writeFileSync(file, JSON.stringify(tally(modules, errors)))
  }
}

function tally(modules: readonly TestModule[], errors: readonly { readonly message: string }[]): Tally {
  const failed = errors.map(({ message }) => `outside of a test: ${message}`)
  const skipped: string[] = []
  const flaky: string[] = []
  let passed = 0
  for (const module of modules) {
    failed.push(...module.errors().map(({ message }) => `${module.relativeModuleId}: ${message}`))
    for (const one of module.children.allTests()) {
      const name = `${module.relativeModuleId} > ${one.fullName}`
      const { state, errors: said } = one.result()
      if (state === 'passed') passed++
      else if (state === 'failed') failed.push(`${name}\n${(said ?? []).map(({ message }) => message).join('\n')}`)
      else skipped.push(name)
      if (one.diagnostic()?.flaky) flaky.push(name)
    }
  }
  return { passed, failed, skipped, flaky }
}

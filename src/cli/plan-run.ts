import { dirname } from 'node:path'
import { MlopsError } from '../errors.ts'
import type { Event } from '../events.ts'
import { paint, wantsColor } from '../report/paint.ts'
import { warningText } from '../report/remarks.ts'
import { extraVars } from './extra-vars.ts'
import { factCache } from './fact-cache.ts'
import type { PlanFlags } from './plan.ts'
import { planOf, writePlan } from './plan-file.ts'
import { makePlan } from './plan-make.ts'
import { countEffects, planText } from './plan-text.ts'
import { loadAll } from './play-one.ts'
import { playOptions } from './play-options.ts'
import { openSession } from './session.ts'

/** Shows, and saves, what playbooks would do; gives the exit status. */
export async function plan(playbooks: readonly string[], flags: PlanFlags): Promise<number> {
  const session = openSession(flags, dirname(playbooks[0] ?? ''))
  const colors = paint(wantsColor(process.env, process.stdout.isTTY === true))
  const warn = (event: Pick<Extract<Event, { type: 'warning' }>, 'message'>) =>
    process.stderr.write(warningText(event, colors))
  for (const message of [...session.settings.warnings, ...session.inventory.warnings]) warn({ message })
  const cached = factCache(session.settings, message => warn({ message }))
  const options = { ...playOptions(flags, session), factCache: cached }
  const loaded = await loadAll(playbooks, session, options, message => warn({ message }))
  const made = await makePlan(loaded, session, options, warn)
  const saved = planOf(made, { playbooks, flags, session, extraVars: Object.keys(extraVars(flags.extraVars ?? [])) })
  if (flags.json) process.stdout.write(`${JSON.stringify({ ...saved, obstacles: made.obstacles }, undefined, 2)}\n`)
  else process.stdout.write(planText(made, colors))
  if (flags.out !== undefined) {
    if (made.exitStatus !== 0)
      throw new MlopsError('plan.incomplete', 'the plan is not saved: some hosts could not be looked at to the end')
    writePlan(flags.out, saved)
    if (!flags.json) process.stdout.write(`saved: mlops play --plan ${flags.out}\n`)
  }
  if (made.exitStatus !== 0) return made.exitStatus
  const { create, change, remove, run } = countEffects(made.hosts)
  return flags.detailedExitcode && create + change + remove + run > 0 ? 3 : 0
}

import { relative } from 'node:path'
import type { Intent, RunOptions } from '../engine/engine.ts'
import { MlopsError } from '../errors.ts'
import { extraVars } from './extra-vars.ts'
import type { Plan } from './plan-file.ts'
import { makePlan } from './plan-make.ts'
import { digestOf, type PlannedStep, stepId } from './plan-record.ts'
import type { PlayFlags } from './play.ts'
import type { ReadyPlaybook } from './play-one.ts'
import type { Session } from './session.ts'

const MOST_SHOWN = 10
/** What is played is the plan's. */
const OWN = ['limit', 'tags', 'skipTags', 'startAtTask', 'step', 'check', 'resume', 'cloudConfig'] as const

/** Looks at the hosts once more, and throws `plan.moved` before anything is changed when they do not ask for exactly the saved steps. */
export async function confirmPlan(
  plan: Plan,
  loaded: readonly ReadyPlaybook[],
  session: Session,
  options: RunOptions,
): Promise<void> {
  const now = await makePlan(loaded, session, options, () => {})
  const names = new Set([...Object.keys(plan.hosts), ...Object.keys(now.hosts)])
  const moved = [...names].flatMap(host => differences(host, plan.hosts[host] ?? [], now.hosts[host] ?? []))
  for (const { host, task, message } of now.obstacles) moved.push(`${host}: \`${task}\`: ${message}`)
  if (moved.length === 0) return
  const more = moved.length > MOST_SHOWN ? `\n  … and ${moved.length - MOST_SHOWN} more` : ''
  const list = moved.slice(0, MOST_SHOWN).map(line => `\n  ${line}`)
  throw new MlopsError('plan.moved', `the hosts are not as they were when the plan was made:${list.join('')}${more}`, {
    hint: 'nothing was changed; mlops plan makes a new one',
  })
}

/** What a plan was made from. Throws `plan.flags` for flags that would make another play of it. */
export function asPlanned(
  plan: Plan,
  playbooks: readonly string[],
  flags: PlayFlags,
): { readonly playbooks: readonly string[]; readonly flags: PlayFlags } {
  const own = OWN.find(name => flags[name] !== undefined)
  if (own !== undefined || playbooks.length > 0) {
    const what =
      own === undefined
        ? 'its own playbooks'
        : `its own --${own.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
    throw new MlopsError('plan.flags', `--plan brings ${what}`, { hint: 'give mlops play the plan alone' })
  }
  const names = Object.keys(extraVars(flags.extraVars ?? [])).sort()
  if (JSON.stringify(names) !== JSON.stringify(plan.extraVars)) {
    throw new MlopsError('plan.flags', `the plan was made with -e ${plan.extraVars.join(', ') || 'nothing'}`, {
      hint: 'values of -e are not kept in a plan: give them again',
    })
  }
  return {
    playbooks: plan.playbooks.map(file => relative(process.cwd(), file)),
    flags: { inventory: plan.inventory, ...plan.flags, ...flags },
  }
}

/** For `RunOptions.approve`: holds a playbook to its plan. */
export function gate(plan: Plan, playbook: number): (intent: Intent) => string | undefined {
  const keeper = new Gate(plan, playbook)
  return intent => keeper.judge(intent)
}

/**
 * Holds one playbook to its plan while it is applied. A difference that the plan does not have is refused, unless the play itself brought it
 * about: steps after one that changed their host may see something else, and what follows a step of unknown effect is unknown too.
 */
class Gate {
  private readonly plan: Plan
  private readonly playbook: number
  private readonly touched = new Set<string>()
  private readonly unknown = new Set<string>()

  constructor(plan: Plan, playbook: number) {
    this.plan = plan
    this.playbook = playbook
  }

  /** For `RunOptions.approve`. */
  judge(intent: Intent): string | undefined {
    if (intent.apart) return undefined
    const { host, task } = intent
    const planned = (this.plan.hosts[host] ?? []).filter(step => step.id === stepId(this.playbook, task.id))
    const digest = digestOf(intent)
    const isPlanned = planned.some(step => step.digest === digest)
    const isOwnDoing = this.unknown.has(host) || (planned.length > 0 && this.touched.has(host))
    if (!isPlanned && !isOwnDoing) {
      return planned.length === 0
        ? 'the plan does not have this step: the host is not as it was when the plan was made'
        : 'the plan has another difference here: the host is not as it was when the plan was made'
    }
    this.touched.add(host)
    if (planned.length === 0 || planned.some(({ effect }) => effect === 'run' || effect === 'read'))
      this.unknown.add(host)
    return undefined
  }
}

function differences(host: string, before: readonly PlannedStep[], now: readonly PlannedStep[]): string[] {
  const key = (step: PlannedStep) => `${step.id} ${step.digest} ${step.effect}`
  const [had, has] = [new Set(before.map(key)), new Set(now.map(key))]
  const gone = before.filter(step => !has.has(key(step)))
  const come = now.filter(step => !had.has(key(step)))
  const lines = come.map(step => {
    const other = gone.some(({ id }) => id === step.id)
    return `${host}: \`${step.task}\` ${other ? 'would now do something else' : `would now ${step.effect}`}${place(step)}`
  })
  const done = gone.filter(({ id }) => !come.some(step => step.id === id))
  return [
    ...lines,
    ...done.map(step => `${host}: \`${step.task}\` has nothing to ${step.effect} any more${place(step)}`),
  ]
}

function place({ at }: PlannedStep): string {
  return at === undefined ? '' : ` (${at})`
}

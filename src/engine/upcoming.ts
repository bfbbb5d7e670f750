import type { Step } from '../playbook/types.ts'
import type { Surroundings, Upcoming } from './world.ts'

/** What comes behind a step, and then what comes behind the block or file that it stands in, for looks that ride ahead. */
export function* following(steps: readonly Step[], from: number, around: Surroundings): Generator<Upcoming> {
  for (let i = from; i < steps.length; i++) {
    const step = steps[i]
    if (step) yield* opened(step, around.extra)
  }
  yield* around.upcoming()
}

/** A block as what runs when all goes well. */
function* opened(step: Step, extra: Surroundings['extra']): Generator<Upcoming> {
  if (step.kind === 'block' && !step.loop)
    for (const inner of [...step.block, ...step.always]) yield* opened(inner, extra)
  else yield { step, extra }
}

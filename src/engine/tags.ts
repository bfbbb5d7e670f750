import { isImplicit } from '../playbook/list.ts'
import type { Handler, Step } from '../playbook/types.ts'
import type { RunOptions } from './engine.ts'

/** Whether tags leave the step, or something of the block. Handlers are not asked for theirs. */
export function remains(step: Step | Handler, options: Pick<RunOptions, 'tags' | 'skipTags'>): boolean {
  if (step.kind === 'block')
    return [...step.block, ...step.rescue, ...step.always].some(inner => remains(inner, options))
  if ('listen' in step || (step.kind === 'meta' && isImplicit(step))) return true
  return selectedByTags(step.keywords.tags, options.tags, options.skipTags)
}

/** Whether a task with these tags takes part, by Ansible's rules for `always`, `never`, `tagged`, `untagged`, `all`. */
export function selectedByTags(tags: readonly string[], only: readonly string[], skip: readonly string[]): boolean {
  return wanted(tags, only.length === 0 ? ['all'] : only) && !skipped(tags, skip)
}

function wanted(tags: readonly string[], only: readonly string[]): boolean {
  if (tags.includes('always')) return true
  const named = tags.some(tag => only.includes(tag))
  if (tags.includes('never') && !named) return false
  if (only.includes('all')) return true
  if (named) return true
  return tags.length > 0 ? only.includes('tagged') : only.includes('untagged')
}

function skipped(tags: readonly string[], skip: readonly string[]): boolean {
  if (skip.length === 0) return false
  if (skip.includes('all')) return !tags.includes('always') || skip.includes('always')
  if (tags.some(tag => skip.includes(tag))) return true
  return tags.length > 0 ? skip.includes('tagged') : skip.includes('untagged')
}

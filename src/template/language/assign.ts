import { typeFailure, valueFailure } from '../python/fail.ts'
import { iterate } from '../python/iterate.ts'
import { Instance } from '../python/values.ts'
import { type Frame, own } from './frame.ts'
import type { Target } from './nodes.ts'

/** Gives a value to the names of a target, in the innermost block. */
export function assign(target: Target, value: unknown, frame: Frame): void {
  switch (target.kind) {
    case 'name':
      frame.names.set(target.name, value)
      return
    case 'member': {
      const object = own(frame, target.of)
      if (!(object instanceof Instance) || !object.set) {
        throw typeFailure(`cannot assign attribute '${target.name}': '${target.of}' is no namespace`)
      }
      object.set(target.name, value)
      return
    }
    case 'several': {
      const items = iterate(value)
      const wanted = target.targets.length
      if (items.length !== wanted) {
        throw valueFailure(
          items.length > wanted
            ? `too many values to unpack (expected ${wanted})`
            : `not enough values to unpack (expected ${wanted}, got ${items.length})`,
        )
      }
      for (const [i, one] of target.targets.entries()) assign(one, items[i], frame)
    }
  }
}

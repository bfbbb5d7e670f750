import { truth } from '../python/iterate.ts'
import { Undefined } from '../python/values.ts'
import type { Evaluate, Execute, Frame } from './frame.ts'
import { locate, place } from './place.ts'

/** Gives errors of a piece of the template its place. */
export function at(offset: number, evaluate: Evaluate): Evaluate {
  return frame => {
    try {
      return evaluate(frame)
    } catch (error) {
      throw locate(error, frame.unit.source, offset)
    }
  }
}

/** A statement that goes on; its errors point to its tag when they point nowhere else. */
export function act(offset: number, run: (frame: Frame, out: string[]) => void): Execute {
  return (frame, out) => {
    try {
      run(frame, out)
      return 'on'
    } catch (error) {
      throw locate(error, frame.unit.source, offset)
    }
  }
}

/** The truth of a value; an error points at the expression. */
export function truthAt(value: unknown, frame: Frame, offset: number): boolean {
  try {
    return truth(value)
  } catch (error) {
    throw locate(error, frame.unit.source, offset)
  }
}

/** An undefined value that knows no place yet gets this one. */
export function placed(value: unknown, frame: Frame, offset: number): unknown {
  if (!(value instanceof Undefined) || value.about.at || value.about.cause) return value
  return new Undefined(value.message, { ...value.about, at: () => place(frame.unit.source, offset) })
}

import { splitWords } from '../../shell/words.ts'
import { ModuleFailure } from '../module.ts'

/** The words of a command that a person wrote. A quote that is not closed is a failure of the task. */
export function commandWords(text: string): readonly string[] {
  try {
    return splitWords(text)
  } catch (error) {
    throw new ModuleFailure(error instanceof Error ? error.message : String(error), { rc: 256 })
  }
}

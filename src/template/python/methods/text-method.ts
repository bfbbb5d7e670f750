import type { Keywords } from '../values.ts'

/** A method of str: the text, then what was given in the call. */
export type TextMethod = (text: string, args: readonly unknown[], kwargs: Keywords) => unknown

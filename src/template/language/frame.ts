import type { Environment } from '../environment.ts'
import type { Statement } from './nodes.ts'
import type { Source } from './place.ts'

/** A running template: what it came from, and what it shares with those it extends. */
export interface Unit {
  readonly source: Source
  readonly environment: Environment
  /** Names may also come from a template that includes or extends this one. */
  readonly borrows: boolean
  /** The block of another template that includes this one. */
  readonly outer: Frame | undefined
  /** By name, the most derived first. */
  readonly blocks: Map<string, RunningBlock[]>
  /** Names set at the top, which blocks and importing templates see. */
  readonly top: Map<string, unknown>
  /** Loads another template by name; the first of several that exists. JavaScript's undefined when there is none. */
  readonly load: (names: readonly string[]) => LoadedTemplate | undefined
  /** Set by `extends`. */
  parent: LoadedTemplate | undefined
  /** How many pieces of output stood before `extends`; later ones are dropped. */
  keptOutput: number
}

export interface RunningBlock {
  readonly unit: Unit
  readonly run: Execute
  readonly required: boolean
}

/** How a template begins: on its own, inside another one, or as what another one extends. */
export interface Start {
  readonly environment: Environment
  readonly outer: Frame | undefined
  /** Blocks of the templates that extend this one. */
  readonly blocks?: Map<string, RunningBlock[]>
  /** Names at the top of the template that extends this one. */
  readonly top?: Map<string, unknown>
}

/** A template that was found; runs in place and gives the names set at its top. */
export interface LoadedTemplate {
  readonly run: (start: Start, out: string[]) => ReadonlyMap<string, unknown>
}

/** The names of one block of the template. */
export interface Frame {
  readonly names: Map<string, unknown>
  readonly parent: Frame | undefined
  readonly unit: Unit
}

/** What a statement ends with. */
export type Flow = 'on' | 'break' | 'continue'

/** A compiled expression. */
export type Evaluate = (frame: Frame) => unknown

/** A compiled statement; it writes to `out`. */
export type Execute = (frame: Frame, out: string[]) => Flow

/** Compiles statements that stand together. */
export type CompileBody = (body: readonly Statement[]) => Execute

export function inner(parent: Frame): Frame {
  return { names: new Map(), parent, unit: parent.unit }
}

/** The value of a name that templates have set; JavaScript's undefined when none has. */
export function own(frame: Frame, name: string): unknown {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) {
    const value = at.names.get(name)
    if (value !== undefined) return value
  }
  return undefined
}

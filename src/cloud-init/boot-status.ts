/** The stages of cloud-init, in order, with the names that its status file has for them. */
export const STAGES = ['init-local', 'init', 'modules-config', 'modules-final'] as const
export type Stage = (typeof STAGES)[number]

export interface StageStatus {
  /** Undefined: it has not ended yet. */
  readonly seconds: number | undefined
  readonly hasBegun: boolean
  readonly errors: readonly string[]
}

/** What the text of /run/cloud-init/status.json says; undefined when it is not (yet) readable. */
export function readBootStatus(text: string): ReadonlyMap<Stage, StageStatus> | undefined {
  const status = parsed(text)
  const stages = field(status, 'v1')
  if (stages === undefined) return undefined
  return new Map(
    STAGES.map(stage => {
      const each = field(stages, stage)
      const start = field(each, 'start')
      const finished = field(each, 'finished')
      return [
        stage,
        {
          seconds: typeof start === 'number' && typeof finished === 'number' ? finished - start : undefined,
          hasBegun: typeof start === 'number',
          errors: texts(field(each, 'errors')),
        },
      ]
    }),
  )
}

/** What cloud-init complains of in its JSON status (`recoverable_errors`: level → messages), each once. */
export function complaints(json: string): string[] {
  const levels = field(parsed(json), 'recoverable_errors')
  if (typeof levels !== 'object' || levels === null) return []
  // what the schema says was told before the server was made, with places
  const known =
    /^(?:Deprecated cloud-config provided|cloud-config failed schema validation|Invalid cloud-config provided)/
  return [...new Set(Object.values(levels).flatMap(texts))].filter(message => !known.test(message))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : []
}

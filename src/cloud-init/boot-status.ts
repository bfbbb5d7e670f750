/** The stages of cloud-init, in order, with the names that its status file has for them. */
const STAGES = ['init-local', 'init', 'modules-config', 'modules-final'] as const
export type Stage = (typeof STAGES)[number]

/** How many seconds each stage took that has ended, of the text of /run/cloud-init/status.json; a text that is not whole tells of none. */
export function endedStages(text: string): ReadonlyMap<Stage, number> {
  const stages = field(parsed(text), 'v1')
  const ended = new Map<Stage, number>()
  for (const stage of STAGES) {
    const start = field(field(stages, stage), 'start')
    const finished = field(field(stages, stage), 'finished')
    if (typeof start === 'number' && typeof finished === 'number') ended.set(stage, finished - start)
  }
  return ended
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

import type { ScriptRequest, ScriptResult } from '../connection/connection.ts'
import type { Change } from '../modules/module.ts'

/** A later turn of a loop whose change rides behind that of an earlier one. */
export interface Link {
  /** The question of its look, and what was answered before. */
  readonly key: string
  readonly seen: ScriptResult
  /** The change, where one is needed, as `changeKey` knows it. */
  readonly deed: string | undefined
  /** Each runs only when the one before it went well. The first asks whether the look still answers as it did. */
  readonly requests: readonly ScriptRequest[]
}

/** What became of a link on the host. */
export interface Done {
  readonly seen: ScriptResult
  readonly deed: string | undefined
  readonly output?: ScriptResult | undefined
  /** The look after the change. */
  readonly after?: ScriptResult | undefined
}

/** What the answers to the requests of links say, up to the first that did not hold. */
export function chained(links: readonly Link[], answers: readonly ScriptResult[]): Map<string, Done> {
  const done = new Map<string, Done>()
  let at = 0
  for (const { key, seen, deed, requests } of links) {
    const [guard, output, after] = answers.slice(at, at + requests.length)
    at += requests.length
    if (guard?.status !== 0 || output?.notRun) break
    done.set(key, { seen, deed, output, after })
  }
  return done
}

/** Two changes with the same text are the same: names of temporary files hold the digest of what goes there. */
export function changeKey({ script, stdin, uploads = [] }: Change): string {
  return JSON.stringify([script?.text, stdin, uploads.map(({ to, mode }) => [to, mode])])
}

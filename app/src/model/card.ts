import type { Files } from './files.ts'
import type { Snapshot } from './snapshot.ts'

/** What `card.json` says, when it is the card of this very model. */
export function cardFor(id: string, files: Files): Record<string, unknown> | undefined {
  try {
    const card: unknown = JSON.parse(files.get('card.json')?.toString('utf8') ?? '')
    if (typeof card !== 'object' || card === null || !('model' in card) || card.model !== id) return undefined
    return { ...card }
  } catch {
    return undefined
  }
}

/** When a model was trained, as its card has it, or else when its files were written: ISO 8601. */
export function dateOf(id: string, modelFiles: readonly string[], { files, writtenMs }: Snapshot): string {
  const trained = cardFor(id, files)?.trained
  if (typeof trained === 'string') return trained
  return new Date(Math.max(...modelFiles.map(name => writtenMs.get(name) ?? 0))).toISOString()
}

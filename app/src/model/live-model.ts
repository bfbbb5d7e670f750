import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, PredictorError } from '../errors.ts'
import type { ModelInfo } from '../jobs.ts'
import type { Log } from '../log.ts'
import { type Look, look, read, type Snapshot, type Source } from './snapshot.ts'

/** A model that is live, of whatever kind. */
export interface Live {
  readonly info: ModelInfo
  dispose(): void
}

export interface LiveModel<T extends Live = Live> {
  /**
   * The model as it is on the disk now. Files that are still being written are waited for, so that a model is loaded
   * whole; what cannot be loaded leaves the old one live. Throws `model.…` or `data.…` when there is no old one.
   * A new release is loaded beside the old one, which answers until then.
   */
  current(): Promise<T>
  /** Looks for a new release without waiting for a job. Never rejects. */
  refresh(): Promise<void>
}

/** Files count as written when nothing has changed for this long. */
const settleMs = 250
/** Whoever writes for longer than this gets the old model meanwhile. */
const patienceMs = 3000

/** Keeps the model of a folder live; `load` makes one of its files, and throws `model.…` or `data.…` when it cannot. */
export function liveModel<T extends Live>(
  source: Source,
  load: (snapshot: Snapshot) => Promise<T>,
  log: Log,
): LiveModel<T> {
  let live: { readonly value: T; readonly mark: string } | undefined
  let refused: { readonly error: unknown; readonly mark: string } | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let loading = false

  async function refresh(): Promise<T> {
    try {
      const seen = await look(source)
      if (seen.mark === live?.mark) return live.value
      if (seen.mark === refused?.mark) return keepOld(refused.error)
      if (live === undefined || !seen.isRelease) return await replace(seen)
      if (!loading) {
        loading = true
        void replace(seen)
          .catch(() => {})
          .finally(() => {
            loading = false
          })
      }
      return live.value
    } catch (error) {
      return keepOld(error)
    }
  }

  async function replace(seen: Look): Promise<T> {
    let { mark } = seen
    try {
      const settled = await wholeSnapshot(source, seen)
      mark = settled.mark
      const value = await load(settled.snapshot)
      log.info({ model: value.info, before: live?.value.info.id }, 'model is live')
      const old = live?.value
      live = { value, mark }
      // A job that has just been given the old one predicts before the next turn of the event loop.
      setImmediate(() => old?.dispose())
      return value
    } catch (error) {
      refused = { error, mark }
      log.error({ reason: messageOf(error), live: live?.value.info.id }, 'model refused')
      throw error
    }
  }

  function keepOld(error: unknown): T {
    if (live === undefined) throw error
    return live.value
  }

  const current = () => {
    // One at a time: two jobs at once must not load the same files twice.
    const mine = turn.then(refresh)
    turn = mine.catch(() => {})
    return mine
  }
  return {
    current,
    refresh: async () => void (await current().catch(() => {})),
  }
}

/** Waits until the files have been left alone for a moment, then reads them all; throws `model.unsettled` when patience ends. */
async function wholeSnapshot(source: Source, first: Look): Promise<{ snapshot: Snapshot; mark: string }> {
  const until = Date.now() + patienceMs
  for (let seen = first; Date.now() < until; seen = await look(source)) {
    const quietMs = Date.now() - seen.changedMs
    // A clock that was set back would make the change lie ahead: the wait is bounded by the settling time itself.
    if (quietMs < settleMs && !seen.isRelease) await delay(Math.min(settleMs, settleMs - quietMs))
    const snapshot = await read(source, seen)
    if (snapshot !== undefined) return { snapshot, mark: seen.mark }
  }
  throw new PredictorError('model.unsettled', 'the model is still being written')
}

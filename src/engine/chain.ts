import type { ScriptRequest } from '../connection/connection.ts'
import type { Change } from '../modules/module.ts'
import type { Task } from '../playbook/types.ts'
import { sh } from '../shell/sh.ts'
import { lineOf } from './connections.ts'
import { differing } from './difference.ts'
import type { HostState } from './host-state.ts'
import { changeKey, type Link } from './link.ts'
import { identity, lookRequest, type OpenedTask, openTask } from './opened-task.ts'
import { guarded, isForeseen, localLookups } from './plan-ahead.ts'
import type { PlayWorld, Upcoming } from './world.ts'

export interface ChainQuestion {
  readonly task: Task
  readonly items: Iterable<Upcoming>
  /** The task in its turn now, and the key of its look. */
  readonly current: OpenedTask
  readonly key: string
}

/**
 * The turns of a loop that can go with the one that changes something now. Nothing is guessed: on the host each looks again in its
 * turn, and does what was made of its earlier look only when the answer is the same text. Only changes that leave nothing running and are small.
 */
export function chain(world: PlayWorld, state: HostState, { task, items, current, key }: ChainQuestion): Link[] {
  const links: Link[] = []
  if (world.run.options.approve || !isPlain(task)) return links
  const isHere = current.target.type === 'local'
  if (isHere && task.keywords.when.some(({ value }) => looksHere.test(String(value)))) return links
  const pending = new Set(task.register ? [task.register] : [])
  const asked = new Set([key])
  for (const { extra } of items) {
    if (links.length === MOST_LINKS) break
    try {
      const names = guarded(world, state, task, extra, { pending, ...(isHere ? { closed: localLookups } : {}) })
      if (!task.keywords.when.every(condition => names.test(condition))) continue
      const link = linkOf(openTask(world, task, names, state), state, identity(current.become))
      // what an earlier turn changes is not what was seen
      if (link === undefined || asked.has(link.key)) break
      asked.add(link.key)
      links.push(link)
    } catch (error) {
      if (isForeseen(error)) break
      throw error
    }
  }
  return links
}

/** Whether what the next turn does is known before this one has ended. */
function isPlain({ moduleTemplate, until, retries, loop, keywords }: Task): boolean {
  return (
    moduleTemplate === undefined &&
    keywords.delegateTo === undefined &&
    until.length === 0 &&
    !retries &&
    !loop?.control.breakWhen.length &&
    !loop?.control.pause
  )
}

function linkOf(opened: OpenedTask, state: HostState, user: string): Link | undefined {
  const { module, args, inputs } = opened
  if (module.kind !== 'state' || module.verify === false || inputs.checkMode) return undefined
  // another turn may write what lies in the folder
  if (opened.target.type === 'local' && inputs.files?.root === 'directory') return undefined
  if (identity(opened.become) !== user || lineOf(opened.target) !== state.looks.line) return undefined
  const look = module.look(args, inputs)
  const { key, request } = lookRequest(opened, look)
  const seen = state.looks.take(key, Date.now())
  if (seen === undefined || seen.status !== 0 || seen.stderr !== '' || seen.stdout.length > MOST_BYTES) return undefined
  const ask = sh`o=$({ ${look}
} 2>&1)
[ "$? $o" = ${`0 ${seen.stdout.replace(/\n+$/, '')}`} ]`
  const guard: ScriptRequest = { ...request, script: ask, after: true }
  const from = module.read(seen, args, inputs)
  const to = module.want(args, from, inputs)
  if (differing(from, to, module.same).length === 0) return { key, seen, deed: undefined, requests: [guard] }
  const change = module.change(args, { from, to }, inputs)
  const { prepare, script, uploads = [], stdin, light } = change
  if (!light || !script || stdin !== undefined || sizeOf(uploads) > MOST_BYTES) return undefined
  const act: ScriptRequest = { ...request, script, prepare, uploads, look: false, light: true, after: true }
  return { key, seen, deed: changeKey(change), requests: [guard, act, { ...request, after: true }] }
}

function sizeOf(uploads: NonNullable<Change['uploads']>): number {
  return uploads.reduce(
    (sum, { content }) => sum + (content instanceof Uint8Array ? content.length : content.sizeBytes),
    0,
  )
}

/** Conditions that look at files of the controller: where that is the host, another turn may write what they ask for. */
const looksHere = /\bis\s+(?:not\s+)?(?:exists|file|directory|link|link_exists|mount|same_?file)\b/

const MOST_LINKS = 64
const MOST_BYTES = 32_768

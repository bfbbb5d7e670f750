import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { extraVars } from '../../src/cli/extra-vars.ts'
import { connectionOpener } from '../../src/connection/open.ts'
import { run } from '../../src/engine/run.ts'
import { MlopsError, MlopsErrors } from '../../src/errors.ts'
import type { Event, OutcomeKind } from '../../src/events.ts'
import { loadInventory } from '../../src/inventory/load.ts'
import type { Result } from '../../src/modules/module.ts'
import { registry } from '../../src/modules/registry.ts'
import { loadPlaybook } from '../../src/playbook/load.ts'
import { looksAhead } from '../rig/mlops.ts'
import type { Case } from './cases.ts'

/** What became of a playbook: of ours and of Ansible's, in the same words. */
export interface Answer {
  readonly status: number | string
  /** Of each host: ok, changed, unreachable, failed, skipped, rescued, ignored. */
  readonly recap?: Readonly<Record<string, readonly number[]>> | null
  /** Of each host, in order: what became of an item or a task, its name, and what `debug` and `fail` said. */
  readonly log?: Readonly<Record<string, readonly (readonly unknown[])[]>>
  /** The text of the file `log`, for playbooks that write one. */
  readonly file?: string
}

/** Plays a case with our engine, in this process. */
export async function play(
  one: Case,
  { lookAhead = looksAhead }: { readonly lookAhead?: boolean } = {},
): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-differential-'))
  const log: Record<string, unknown[][]> = {}
  const before = process.cwd()
  try {
    for (const [name, text] of Object.entries(one.files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
    }
    process.chdir(folder)
    process.env['ANSIBLE_ASYNC_DIR'] = join(folder, '.jobs')
    const answer = await outcome(one, folder, lookAhead, event => note(event, log))
    const text = JSON.stringify({ ...answer, log, ...written(join(folder, 'log')) })
    return JSON.parse(text.replaceAll(folder, 'FOLDER')) as Answer // just made
  } finally {
    process.chdir(before)
    delete process.env['ANSIBLE_ASYNC_DIR']
    // jobs that nobody waits for may still write there
    rmSync(folder, { recursive: true, force: true, maxRetries: 20 })
  }
}

async function outcome(
  one: Case,
  folder: string,
  lookAhead: boolean,
  emit: (event: Event) => void,
): Promise<Pick<Answer, 'status' | 'recap'>> {
  const flags = read(one.args)
  try {
    const reload = () => loadInventory([join(folder, 'hosts.ini')], { playbookDirectory: folder })
    const vars = extraVars(flags.extraVars)
    const loaded = loadPlaybook(join(folder, 'site.yml'), { modules: registry, extraVars: vars })
    const result = await run({
      ...loaded,
      inventory: reload(),
      reload,
      modules: registry,
      open: connectionOpener({ warn: () => {}, askPassphrase: async () => '' }),
      emit,
      options: {
        inventoryDirectory: folder,
        ...flags,
        extraVars: vars,
        diffMode: false,
        forks: 5,
        verbosity: 0,
        lookAhead,
        connection: { hostKeyChecking: true, timeoutMs: 10_000 },
      },
    })
    return {
      status: result.exitStatus,
      recap: Object.fromEntries(
        Object.entries(result.summary).map(([host, n]) => [
          host,
          [n.ok, n.changed, n.unreachable, n.failed, n.skipped, n.rescued, n.ignored],
        ]),
      ),
    }
  } catch (error) {
    if (!(error instanceof MlopsError || error instanceof MlopsErrors)) throw error
    return { status: 'error' }
  }
}

function note(event: Event, log: Record<string, unknown[][]>): void {
  if (event.type !== 'item-finished' && event.type !== 'task-finished') return
  const item = event.type === 'item-finished'
  const { host, task, result } = event
  const entry: unknown[] = [`${item ? 'item ' : ''}${word(event.outcome, !item && event.ignored === true)}`, task.name]
  if (!('results' in result) && event.outcome !== 'skipped' && result['censored'] === undefined)
    entry.push(...said(event.outcome, task.module, result))
  log[host] ??= []
  log[host].push(entry)
}

function word(outcome: OutcomeKind, ignored: boolean): string {
  return ignored && outcome === 'failed' ? 'ignored' : outcome
}

const notSaid = new Set(['changed', 'failed', 'item', 'failed_when_result', 'attempts', 'hint', 'at'])

function said(outcome: OutcomeKind, module: string, result: Result): unknown[] {
  if (module !== 'debug' && module !== 'fail') return []
  if (outcome === 'failed' && module === 'debug')
    return /'[^']*' is undefined|'[^']*' has no attribute '[^']*'/.exec(String(result['msg']))?.slice(0, 1) ?? []
  if ('msg' in result) return [result['msg']]
  return Object.keys(result).flatMap(key => (notSaid.has(key) ? [] : [result[key]]))
}

function written(file: string): { file?: string } {
  try {
    return { file: readFileSync(file, 'utf8') }
  } catch {
    return {}
  }
}

function read(args: readonly string[]) {
  const all = (...names: string[]) => args.flatMap((arg, i) => (names.includes(arg) ? [args[i + 1] ?? ''] : []))
  const tags = (name: string) => all(name).flatMap(text => text.split(','))
  return {
    tags: tags('-t'),
    skipTags: tags('--skip-tags'),
    limit: all('-l')[0],
    startAtTask: all('--start-at-task')[0],
    checkMode: args.includes('-C'),
    ...(args.includes('--force-handlers') ? { forceHandlers: true } : {}),
    extraVars: all('-e'),
  }
}

import type { Command } from 'commander'
import type { Release } from '../delivery/releases.ts'
import { addProjectFlags, onServer } from './on-server.ts'
import type { ReachFlags } from './session.ts'

interface Flags extends ReachFlags {
  readonly json?: boolean
  readonly to?: string
}

const receiver = (project: { readonly delivery: { readonly to: string } }): string => project.delivery.to

/** `mlops model list|show|diff|rollback`: the releases on the server that takes deliveries. */
export function register(program: Command): void {
  const model = program
    .command('model')
    .summary('Show the releases of models, and take one back')
    .description('Shows the releases of models on the production server, and puts an earlier one live again.')
  const json = '--json'
  addProjectFlags(
    model.command('list [model]').summary('List releases, the newest first').option(json, 'as JSON'),
  ).action(list)
  addProjectFlags(
    model
      .command('show [release]')
      .summary(
        'Show what is known of a release, or of what is live of a model (default: of the model that mlops.yml names under delivery)',
      )
      .option(json, 'as JSON'),
  ).action(show)
  addProjectFlags(
    model
      .command('diff [from] [to]')
      .summary(
        'Show how two releases differ (default, also for the name of a model: the one before, and the one that is live)',
      )
      .option(json, 'as JSON'),
  ).action(diff)
  addProjectFlags(
    model
      .command('rollback [model]')
      .summary('Put the release before live again')
      .description('Puts the release before live again, without a restart. Exit status: 0 live, 1 it cannot be.')
      .option('--to <release>', 'this release instead of the one before')
      .option(json, 'as JSON'),
  ).action(rollback)
}

async function list(name: string | undefined, flags: Flags): Promise<void> {
  const { releases } = await import('../delivery/releases.ts')
  const found = await onServer(flags, receiver, (line, project) => releases(line, project, name))
  if (flags.json) return print(found)
  const { table } = await import('../report/table.ts')
  process.stdout.write(
    table(
      ['MODEL', 'RELEASE', 'LIVE', 'ACCURACY', 'DATE', 'AUTHOR'],
      found.map(release => [
        release.model,
        release.id,
        release.role ?? '-',
        accuracy(release),
        release.card.date?.slice(0, 19).replace('T', ' ') ?? '-',
        release.card.author ?? '-',
      ]),
    ),
  )
}

async function show(id: string | undefined, flags: Flags): Promise<void> {
  const { release } = await find(flags, id ?? 'current')
  const { table } = await import('../report/table.ts')
  if (flags.json) return print(release)
  process.stdout.write(table(['RELEASE', release?.id ?? ''], release ? facts(release) : []))
}

async function diff(from: string | undefined, to: string | undefined, flags: Flags): Promise<void> {
  const { release: left, other: right } = await find(flags, from ?? 'previous', to ?? 'current')
  if (left === undefined || right === undefined) return
  const [old, fresh] = [new Map(pairs(left)), new Map(pairs(right))]
  const rows = [...new Set([...old.keys(), ...fresh.keys()])]
    .filter(key => old.get(key) !== fresh.get(key))
    .map(key => [key, old.get(key) ?? '-', fresh.get(key) ?? '-'])
  if (flags.json)
    return print({ from: left, to: right, differs: rows.map(([key, before, after]) => ({ key, before, after })) })
  const { table } = await import('../report/table.ts')
  process.stdout.write(rows.length === 0 ? 'They are the same.\n' : table(['', left.id, right.id], rows))
}

async function rollback(name: string | undefined, flags: Flags): Promise<void> {
  const delivery = await import('../delivery/releases.ts')
  const { stdout, ms } = await onServer(flags, receiver, async (line, project) => {
    const model = name ?? project.delivery.model
    const to =
      flags.to === undefined
        ? undefined
        : delivery.releaseOf(await delivery.releases(line, project, model), flags.to).id
    return delivery.rollback(line, project, model, to)
  })
  if (flags.json) print({ said: stdout.trim(), ms: Math.round(ms) })
  else process.stdout.write(stdout)
}

/** The releases by their ids, by `current` and `previous`, or by the name of a model; throws `model.release`. */
async function find(
  flags: Flags,
  first: string,
  second?: string,
): Promise<{ release: Release | undefined; other: Release | undefined }> {
  const [{ releases, releaseOf }, { MlopsError }] = await Promise.all([
    import('../delivery/releases.ts'),
    import('../errors.ts'),
  ])
  return await onServer(flags, receiver, async (line, project) => {
    const all = await releases(line, project)
    const named = all.find(({ model }) => model === first)?.model
    const model = named ?? project.delivery.model
    const one = (id: string): Release => {
      if (id !== 'current' && id !== 'previous') return releaseOf(all, id)
      const found = all.find(release => release.model === model && release.role === id)
      if (found) return found
      throw new MlopsError('model.release', `there is no ${id} release of ${model}`, {
        hint: 'git push production puts one live; mlops model list shows all',
      })
    }
    if (second === undefined) return { release: one(named ? 'current' : first), other: undefined }
    return { release: one(named ? 'previous' : first), other: one(second) }
  })
}

function accuracy({ card }: Release): string {
  return card.accuracy ? `${card.accuracy.percent.toFixed(2)} %${card.forced ? ' (forced)' : ''}` : '-'
}

function facts(release: Release): string[][] {
  return pairs(release).map(([key, value]) => [key, value])
}

/** Everything on a card as rows: nested things by their path. */
function pairs({ model, role, card }: Release): [string, string][] {
  const rows: [string, string][] = [
    ['model', model],
    ['live', role ?? 'no'],
  ]
  const add = (path: string, value: unknown): void => {
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) add(path === '' ? key : `${path}.${key}`, inner)
    else if (path !== 'id' && path !== 'name') rows.push([path, String(value)])
  }
  add('', card)
  return rows
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

import { type Application, firstSource, type OperationState } from '../argocd/application.ts'
import { type ResourceState, resourceStates } from '../argocd/resources.ts'
import { MlopsError } from '../errors.ts'
import type { Manifest } from '../kubernetes/manifest.ts'
import { yaml } from '../kubernetes/text.ts'
import { didYouMean } from '../near.ts'
import { table } from '../report/table.ts'
import { clean, duration, oneLine, pad } from '../report/text.ts'
import { revealed } from '../vault/revealed.ts'

/** Prints data as JSON or YAML where that is the format; false: it is another one. */
export function printData(format: string, value: unknown): boolean {
  if (format !== 'json' && format !== 'yaml') return false
  process.stdout.write(revealed.hide(format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : yaml(value)))
  return true
}

/** Throws `argocd.output` for a format that there is not. */
export function checkFormat(format: string, known: readonly string[]): void {
  if (known.includes(format)) return
  throw new MlopsError('argocd.output', `--output ${format} is unknown`, {
    hint: didYouMean(format, known) ?? `it is one of ${known.join(', ')}`,
  })
}

export function say(text: string): void {
  process.stdout.write(revealed.hide(clean(text)))
}

/** `application 'x' created`. */
export function tell({ kind, metadata }: Manifest, outcome: string): void {
  process.stdout.write(`${kind === 'AppProject' ? 'project' : 'application'} '${metadata.name}' ${outcome}\n`)
}

/** One Application: what it is, how it is. */
export function summaryText(application: Application, url: string): string {
  const { metadata, spec, status } = application
  const source = firstSource(application)
  const { server, name, namespace = '' } = spec.destination
  const revision = status?.sync?.revision?.slice(0, 7)
  const target = source?.targetRevision ?? (source?.chart === undefined ? 'HEAD' : '*')
  const sync = status?.sync?.status ?? 'Unknown'
  const health = status?.health
  const rows: [string, string][] = [
    ['Name', metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name],
    ['Project', spec.project],
    ['Server', server ?? name ?? ''],
    ['Namespace', namespace],
    ['URL', `${url}/applications/${metadata.name}`],
    ['Repo', source?.repoURL ?? ''],
    ['Target', target],
    ['Path', source?.path ?? source?.chart ?? ''],
    ['Sync Policy', policyOf(application, 'Automated', ' (Prune)')],
    [
      'Sync Status',
      `${sync}${sync === 'Synced' ? ' to' : ' from'} ${target}${revision ? ` (${revision})` : ''}`.trimEnd(),
    ],
    ['Health Status', `${health?.status ?? 'Unknown'}${health?.message ? ` (${health.message})` : ''}`],
  ]
  return rows.map(([title, value]) => `${`${title}:`.padEnd(20)}${value}\n`).join('')
}

/** What is wrong with an Application, as Argo CD says it. */
export function conditionsText({ status }: Application): string {
  const conditions = status?.conditions ?? []
  if (conditions.length === 0) return ''
  return `\n${table(
    ['CONDITION', 'MESSAGE'],
    conditions.map(({ type, message }) => [type, message]),
  )}`
}

/** The objects of an Application. */
export function resourcesText(application: Application): string {
  const rows = resourceStates(application).map(cellsOf)
  return rows.length === 0 ? '' : `\n${table(resourceTitles, rows)}`
}

const resourceTitles = ['GROUP', 'KIND', 'NAMESPACE', 'NAME', 'STATUS', 'HEALTH', 'HOOK', 'MESSAGE']

/** One line of what goes on; undefined: the titles. `nameWidth` is that of the longest name. */
export function progressLine(state: ResourceState | undefined, nameWidth: number): string {
  const widths = [20, 10, 12, 12, nameWidth, 9, 11, 8, 0]
  const cells = state
    ? [new Date().toISOString().replace(/\.\d+/, ''), ...cellsOf(state)]
    : ['TIMESTAMP', ...resourceTitles]
  return `${cells
    .map((cell, i) => pad(oneLine(cell), widths[i] ?? 0))
    .join('  ')
    .trimEnd()}\n`
}

/** How the last operation went. */
export function operationText({
  phase = '',
  message = '',
  startedAt,
  finishedAt,
  syncResult,
  ...state
}: OperationState): string {
  const took = startedAt && finishedAt ? Date.parse(finishedAt) - Date.parse(startedAt) : undefined
  const rows: [string, string][] = [
    ['Operation', state.operation?.sync?.dryRun ? 'Sync (dry run)' : 'Sync'],
    ['Sync Revision', syncResult?.revision ?? ''],
    ['Phase', phase],
    ['Start', startedAt ?? ''],
    ['Finished', finishedAt ?? ''],
    ['Duration', took === undefined ? '' : duration(took)],
    ['Message', message],
  ]
  return rows
    .map(([title, value]) => `${`${title}:`.padEnd(20)}${value}`.trimEnd())
    .join('\n')
    .concat('\n')
}

/** Applications in lines. */
export function applicationsText(applications: readonly Application[]): string {
  const rows = applications.map(application => {
    const { metadata, spec, status } = application
    const source = firstSource(application)
    return [
      metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name,
      spec.destination.server ?? spec.destination.name ?? '',
      spec.destination.namespace ?? '',
      spec.project,
      status?.sync?.status ?? 'Unknown',
      status?.health?.status ?? 'Unknown',
      policyOf(application, 'Auto', '-Prune'),
      countedConditions(application),
      source?.repoURL ?? '',
      source?.path ?? source?.chart ?? '',
      source?.targetRevision ?? '',
    ]
  })
  return table(
    [
      'NAME',
      'CLUSTER',
      'NAMESPACE',
      'PROJECT',
      'STATUS',
      'HEALTH',
      'SYNCPOLICY',
      'CONDITIONS',
      'REPO',
      'PATH',
      'TARGET',
    ],
    rows,
  )
}

/** The revisions that were live, newest last. */
export function historyText({ status, spec }: Application): string {
  const rows = (status?.history ?? []).map(({ id, deployedAt = '', revision = '', source }) => [
    String(id),
    deployedAt,
    `${(source ?? spec.source)?.targetRevision ?? 'HEAD'} (${revision.slice(0, 7)})`,
  ])
  return table(['ID', 'DATE', 'REVISION'], rows)
}

function policyOf({ spec }: Application, automatic: string, prune: string): string {
  const automated = spec.syncPolicy?.automated
  if (!automated || automated.enabled === false) return 'Manual'
  return `${automatic}${automated.prune ? prune : ''}`
}

function countedConditions({ status }: Application): string {
  const counts = new Map<string, number>()
  for (const { type } of status?.conditions ?? []) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts].map(([type, count]) => (count > 1 ? `${type}(${count})` : type)).join(',') || '<none>'
}

function cellsOf(state: ResourceState): string[] {
  const { group = '', kind, namespace = '', name, status, health, hook, message } = state
  return [group, kind, namespace, name, status, health, hook, message]
}

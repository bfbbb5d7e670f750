import type { HostSummary } from '../events.ts'
import type { Paint } from './paint.ts'
import { displayWidth } from './text.ts'

const COUNTERS = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'] as const

/** The lines below PLAY RECAP, in Ansible's widths: one for each host, by name. */
export function recap(summary: Readonly<Record<string, HostSummary>>, paint: Paint): string {
  return Object.keys(summary)
    .sort()
    .map(host => recapLine(host, summary[host], paint))
    .join('')
}

function recapLine(host: string, counts: HostSummary | undefined, paint: Paint): string {
  if (!counts) return ''
  const colors: Record<(typeof COUNTERS)[number], (text: string) => string> = {
    ok: paint.outcome.ok,
    changed: paint.outcome.changed,
    unreachable: paint.outcome.unreachable,
    failed: paint.outcome.failed,
    skipped: paint.outcome.skipped,
    rescued: paint.outcome.ok,
    ignored: paint.warning,
  }
  const counters = COUNTERS.map(name => {
    const text = `${name}=${String(counts[name]).padEnd(4)}`
    return counts[name] === 0 ? text : colors[name](text)
  })
  const isBroken = counts.failed > 0 || counts.unreachable > 0
  const color = isBroken ? paint.outcome.failed : counts.changed > 0 ? paint.outcome.changed : paint.outcome.ok
  return `${color(host)}${' '.repeat(Math.max(0, 26 - displayWidth(host)))} : ${counters.join(' ')}\n`
}

import type { Percentiles, Summary } from './summary.ts'

/** A summary as rows of a table: name and value. */
export function rows({ requests, failed, failures, longestGap, latency, versions }: Summary): [string, string][] {
  const kinds = Object.entries(failures).map(([kind, count]) => `${count} ${kind}`)
  return [
    ['requests', String(requests)],
    ['failed', failed === 0 ? '0' : `${failed}: ${kinds.join(', ')}`],
    ['longest gap', longestGap ? `${longestGap.ms.toFixed(0)} ms, from ${seconds(longestGap.from)}` : 'none'],
    ...(failed === requests ? [] : percentileRows(latency)),
    ...versions.map(({ version, answers, first, last }): [string, string] => [
      version,
      `${answers} answers, from ${seconds(first)} to ${seconds(last)}`,
    ]),
  ]
}

function percentileRows(latency: Percentiles): [string, string][] {
  return Object.entries(latency).map(([name, ms]) => [name.replace('p999', 'p99.9'), `${ms.toFixed(1)} ms`])
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}

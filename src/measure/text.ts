import type { Summary } from './summary.ts'

/** A summary as rows of a table: name and value. */
export function rows({ requests, failed, failures, longestGap, latency, versions }: Summary): [string, string][] {
  const kinds = Object.entries(failures).map(([kind, count]) => `${count} ${kind}`)
  return [
    ['requests', String(requests)],
    ['failed', failed === 0 ? '0' : `${failed}: ${kinds.join(', ')}`],
    ['longest gap', longestGap ? `${longestGap.ms.toFixed(0)} ms` : 'none'],
    ['p50', `${latency.p50.toFixed(1)} ms`],
    ['p90', `${latency.p90.toFixed(1)} ms`],
    ['p99', `${latency.p99.toFixed(1)} ms`],
    ['p99.9', `${latency.p999.toFixed(1)} ms`],
    ['max', `${latency.max.toFixed(1)} ms`],
    ...versions.map(({ version, answers, first, last }): [string, string] => [
      version,
      `${answers} answers, from ${(first / 1000).toFixed(2)} s to ${(last / 1000).toFixed(2)} s`,
    ]),
  ]
}

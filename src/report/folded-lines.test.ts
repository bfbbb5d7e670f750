import { expect, test } from 'vitest'
import { FoldedLines } from './folded-lines.ts'
import { hostRange } from './host-range.ts'
import { MemoryOutput } from './memory-output.ts'
import { paint } from './paint.ts'
import { Recorded } from './recorded.ts'
import { reporterFor } from './reporter.ts'

const layout = { paint: paint(false), columns: () => 79, verbosity: 0, displaySkipped: true }
const web = Array.from({ length: 48 }, (_, i) => `web${String(i + 1).padStart(2, '0')}`)

function said(run: Recorded, always = false): string {
  const lines = new FoldedLines(layout, { always })
  return run.events.map(event => lines.text(event)).join('') + lines.flush()
}

test('many hosts of which the same is said share a line, others keep their own', () => {
  const run = new Recorded().startPlay('p', [...web, 'db1']).startTask('install')
  for (const host of web) run.finish(host, 'ok')
  run.finish('db1', 'changed').startTask('next').finish('web01', 'ok')
  const text = said(run)
  expect(text).toContain('\nok: [web01..web48] (48)\nchanged: [db1]\n\nTASK [next]')
  expect(text).toContain('\nok: [web01]\n')
})

test('results that are shown are compared', () => {
  const run = new Recorded().startPlay('p', web).startTask('say', { module: 'debug' })
  for (const [i, host] of web.entries()) run.finish(host, 'ok', { msg: i < 40 ? 'same' : `its ${host}` })
  const text = said(run)
  expect(text).toContain('ok: [web01..web40] (40) => {\n    "msg": "same"\n}\nok: [web41] => {')
  expect(text).toContain('its web48')
})

test('failures are said at once, and by each host', () => {
  const run = new Recorded().startPlay('p', web).startTask('t')
  for (const host of web) run.finish(host, 'failed', { msg: 'no' })
  expect(said(run).match(/^fatal: \[web\d\d\]: FAILED!/gm)?.length).toBe(48)
})

test('a play of few hosts is folded only when that is asked for', () => {
  const few = web.slice(0, 12)
  const run = new Recorded().startPlay('p', few).startTask('t')
  for (const host of few) run.finish(host, 'skipped', {}, { delegatedTo: 'db1' })
  expect(said(run)).toContain('skipping: [web01 -> db1]\nskipping: [web02 -> db1]\n')
  expect(said(run, true)).toContain('skipping: [web01..web12 -> db1] (12)\n')
})

test('the plain layout folds with --fold only', () => {
  const run = new Recorded().startPlay('p', web).startTask('t')
  for (const host of web) run.finish(host, 'ok')
  run.end({})
  const shown = (fold: boolean) => {
    const output = new MemoryOutput()
    const reporter = reporterFor({ env: {}, fold }, output, new MemoryOutput())
    for (const event of run.events) reporter.on(event)
    void reporter.close()
    return output.text
  }
  expect(shown(false)).toContain('ok: [web01]\nok: [web02]\n')
  expect(shown(true)).toContain('ok: [web01..web48] (48)\n\nPLAY RECAP')
})

test.each([
  [['web2', 'web1', 'web3'], 'web1..web3'],
  [['web9', 'web10', 'web11'], 'web9..web11'],
  [['a01', 'a02', 'a04'], 'a01..a02, a04'],
  [['n1.x.org', 'n2.x.org', 'n3.y.org'], 'n1.x.org..n2.x.org, n3.y.org'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c, d, …'],
  [['web08', 'web9'], 'web08, web9'],
])('%j in few words', (hosts, text) => {
  expect(hostRange(hosts)).toBe(text)
})

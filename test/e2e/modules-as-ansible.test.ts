import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleDifferences } from '../differential/differences.ts'
import type { ModuleAnswer } from '../differential/modules/answer.ts'
import { cases } from '../differential/modules/cases.ts'
import { compare, type Difference } from '../differential/modules/compare.ts'
import { play } from '../differential/modules/play.ts'
import { startTwin, type Twin } from '../rig/twin.ts'

const folder = join(import.meta.dirname, '../differential/modules')
const found: Difference[] = []
const played = new Set<string>()
let twin: Twin

beforeAll(start)

afterAll(() => twin?.stop())

test.each(
  cases().map(one => [one.name, one] as const),
)('%s: registered results, and what is left on the host, are as with Ansible', async (name, one) => {
  // the generator writes a file of this shape
  const theirs = JSON.parse(readFileSync(join(folder, 'data', `${name}.json`), 'utf8')) as ModuleAnswer
  if (played.has(name)) {
    // a second try: what the first left behind would differ
    twin.stop()
    await start()
  }
  played.add(name)
  const all = compare(one, theirs, await play(one, twin))
  found.push(...all)
  const unlisted = all.filter(({ names }) => !names.some(each => moduleDifferences.has(each)))
  expect(unlisted.map(each => `${each.run}: ${each.theirs} with Ansible, ${each.ours} with us`).join('\n')).toBe('')
})

test('what the guide lists does differ', () => {
  const real = new Set(found.flatMap(({ names }) => names))
  expect([...moduleDifferences].filter(name => !real.has(name))).toEqual([])
})

test('there are more than 250 tasks', () => {
  const tasks = cases().flatMap(one => [...one.runs.keys()].map(run => `${one.name} ${run.replace(/: \w+$/, '')}`))
  expect(new Set(tasks).size).toBeGreaterThan(250)
})

async function start(): Promise<void> {
  twin = await startTwin(join(folder, 'image'))
}

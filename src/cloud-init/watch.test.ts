import { expect, test } from 'vitest'
import { BootFollower } from './watch.ts'

test('stages are told once when they end, and lines of programs as they come, however they are cut', () => {
  const told: string[] = []
  const follower = new BootFollower({
    onStage: (stage, seconds) => told.push(`${stage} ${seconds}`),
    onOutput: lines => told.push(...lines),
  })
  const early = JSON.stringify({ v1: { 'init-local': { start: 1, finished: 2 }, init: { start: 2, finished: null } } })
  const late = JSON.stringify({ v1: { 'init-local': { start: 1, finished: 2 }, init: { start: 2, finished: 5 } } })
  const text = `@status {"v\n@status ${early}\nCloud-init v. 25.1.4 running 'init' at x\nGet:1 pack\nages\n@status ${late}\nend\n`
  for (let i = 0; i < text.length; i += 7) follower.feed(text.slice(i, i + 7))
  expect(told).toEqual(['init-local 1', 'Get:1 pack', 'ages', 'init 3', 'end'])
})

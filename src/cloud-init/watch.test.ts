import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { BootFollower, watchBoot } from './watch.ts'

test('stages are told once when they end, and lines of programs as they come, however they are cut', () => {
  const told: string[] = []
  const follower = new BootFollower({
    onStage: (stage, seconds) => told.push(`${stage} ${seconds}`),
    onOutput: lines => told.push(...lines),
  })
  const early = JSON.stringify({ v1: { 'init-local': { start: 1, finished: 2 }, init: { start: 2, finished: null } } })
  const late = JSON.stringify({ v1: { 'init-local': { start: 1, finished: 2 }, init: { start: 2, finished: 5 } } })
  const text = `\x1estatus {"v\n\x1estatus ${early}\nCloud-init v. 25.1.4 running 'init' at x\nGet:1 pack\nag\x1eoffset 99\nes\n\x1eoffset 2048\n\x1estatus ${late}\nend\n`
  for (let i = 0; i < text.length; i += 7) follower.feed(text.slice(i, i + 7))
  expect(told).toEqual(['init-local 1', 'Get:1 pack', 'ages', 'init 3', 'end'])
  expect(follower.offset).toBe(2048)
})

test('on a machine without cloud-init, following a boot ends at once and prints nothing', () => {
  const follower = new BootFollower({ onStage: () => {}, onOutput: () => {} })
  expect(
    execFileSync('/bin/sh', ['-c', watchBoot(follower).text], { encoding: 'utf8', env: { PATH: '/nowhere' } }),
  ).toBe('')
})

import { expect, test } from 'vitest'
import { type Clock, LiveReporter } from './live.ts'
import { MemoryOutput } from './memory-output.ts'
import { paint } from './paint.ts'
import { Recorded } from './recorded.ts'
import { reporterFor } from './reporter.ts'

/** Time that stands still until it is told to go on. */
class StillClock implements Clock {
  private time = 0
  private readonly calls = new Map<object, { at: number; call: () => void }>()

  now(): number {
    return this.time
  }

  later(ms: number, call: () => void): () => void {
    const key = {}
    this.calls.set(key, { at: this.time + ms, call })
    return () => this.calls.delete(key)
  }

  get planned(): number {
    return this.calls.size
  }

  pass(ms: number): void {
    const end = this.time + ms
    for (;;) {
      const due = [...this.calls].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0]
      if (!due) break
      this.calls.delete(due[0])
      this.time = Math.max(this.time, due[1].at)
      due[1].call()
    }
    this.time = end
  }
}

const layout = { paint: paint(false), columns: () => 79, verbosity: 0, displaySkipped: true }

function live(rows = 24, columns = 80) {
  const output = new MemoryOutput({ isTTY: true, rows, columns })
  const clock = new StillClock()
  const reporter = new LiveReporter(layout, output, clock)
  const show = (run: Recorded) => {
    for (const event of run.events.splice(0)) reporter.on(event)
  }
  return { output, clock, reporter, show }
}

test('what is done stands above, what runs below, with its time and its last lines', () => {
  const { output, clock, show } = live()
  const run = new Recorded().startPlay('p', ['a', 'bb']).startTask('install').startHost('a').startHost('bb')
  show(run)
  clock.pass(1000)
  show(run.output('a', 'one\ntwo\r\nthree\n').output('a', 'fo\x1b[31mur').finish('bb', 'ok'))
  clock.pass(1100)
  expect(output.screen).toBe(`
PLAY [p] ***********************************************************************

TASK [install] *****************************************************************
ok: [bb]
  a  install  2.1 s
    │ two
    │ three
    │ four
  1 host at work, 2.1 s since the start
`)
  show(run.finish('a', 'changed').end({ a: { ok: 1, changed: 1 } }))
  expect(output.screen).toContain('ok: [bb]\nchanged: [a]\n\nPLAY RECAP ***')
  expect(output.screen).not.toContain('at work')
})

test('at most so many lines are drawn as the terminal has, and none is wider', () => {
  const { output, clock, show } = live(10, 40)
  const run = new Recorded().startTask('a task with a rather long name indeed, too long')
  for (let i = 0; i < 50; i++) run.startHost(`host${i}`)
  show(run)
  clock.pass(100)
  const status = output.screen.split('\n').filter(line => line.startsWith('  '))
  expect(status.length).toBe(8)
  expect(status.at(-2)).toBe('  … and 44 more hosts at work')
  expect(Math.max(...status.map(line => line.length))).toBeLessThan(40)
})

test('fifty hosts and a hundred tasks cost ten redraws a second and no more', () => {
  const { output, clock, show } = live(40, 120)
  const hosts = Array.from({ length: 50 }, (_, i) => `host${i}`)
  let plainBytes = 0
  for (let task = 0; task < 100; task++) {
    const run = new Recorded().startTask(`task ${task}`)
    for (const host of hosts) run.startHost(host)
    for (const host of hosts) {
      run.output(host, 'some line of output\n').finish(host, 'changed')
      clock.pass(1)
      show(run)
    }
    plainBytes += hosts.length * 'changed: [host10]\n'.length + 90
  }
  // 5 s have passed: 50 redraws of at most 38 lines of 120 columns.
  expect(clock.now()).toBe(5000)
  expect(output.writes.length).toBeLessThanOrEqual(51)
  expect(output.text.length).toBeLessThan(plainBytes + 51 * 38 * 120)
  clock.pass(100)
  expect(output.screen.match(/^changed: /gm)?.length).toBe(5000)
})

test('nothing is drawn when nothing runs', () => {
  const { output, clock, show } = live()
  show(new Recorded().startPlay('p', []))
  clock.pass(60_000)
  expect(output.writes.length).toBe(1)
  expect(clock.planned).toBe(0)
})

test('while a question stands on the terminal, nothing is drawn over it and nothing is lost', () => {
  const { output, clock, reporter, show } = live()
  const run = new Recorded().startTask('t').startHost('a').startHost('b')
  show(run)
  clock.pass(100)
  const release = reporter.hold()
  expect(output.screen).not.toContain('at work')
  const before = output.writes.length
  show(run.finish('b', 'ok'))
  clock.pass(10_000)
  expect(output.writes.length).toBe(before)
  release()
  clock.pass(100)
  expect(output.screen).toContain('ok: [b]\n  a  t  10.1 s\n')
})

test('closing takes the view away and leaves no timer', async () => {
  const { output, clock, reporter, show } = live()
  show(new Recorded().startTask('t').startHost('a').finish('b', 'ok'))
  clock.pass(100)
  await reporter.close()
  expect(output.screen.endsWith('ok: [b]\n')).toBe(true)
  expect(clock.planned).toBe(0)
})

test('the live view is for terminals that can move the cursor', () => {
  const terminal = new MemoryOutput({ isTTY: true })
  const isLive = (output: MemoryOutput, env: Record<string, string>) =>
    reporterFor({ env }, output, new MemoryOutput()) instanceof LiveReporter
  expect(isLive(terminal, { TERM: 'xterm' })).toBe(true)
  expect(isLive(terminal, { TERM: 'dumb' })).toBe(false)
  expect(isLive(terminal, { TERM: 'xterm', CI: 'true' })).toBe(false)
  expect(isLive(new MemoryOutput(), { TERM: 'xterm' })).toBe(false)
})

test('a terminal that becomes narrower keeps no line of an earlier view', () => {
  const { output, clock, show } = live(24, 80)
  const name = 'a task with a name that needs more than half of eighty columns'
  const run = new Recorded().startPlay('p', ['a']).startTask(name).startHost('a')
  show(run)
  clock.pass(1000)
  expect(output.screen).toContain(`  a  ${name}  1.0 s`)
  output.columns = 30
  clock.pass(500)
  expect(output.screen.match(/a task with a/g)).toHaveLength(2)
  output.columns = 100
  clock.pass(500)
  expect(output.screen.split('\n').filter(line => line.startsWith('  a  a task'))).toEqual([`  a  ${name}  2.0 s`])
})

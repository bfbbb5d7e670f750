import { expect, test } from 'vitest'
import { MemoryOutput } from './memory-output.ts'
import { Recorded } from './recorded.ts'
import { reporterFor } from './reporter.ts'

test('a run becomes suites of plays with cases of tasks and hosts', async () => {
  const run = new Recorded()
    .startPlay('First <play>', ['h1', 'h2'])
    .startTask('say "hi" & go', { at: { file: 'site.yml', line: 4, column: 3 } })
    .finish('h1', 'changed')
    .finish('h2', 'failed', { msg: 'no\nway', stderr: 'a ]]> \x1b[31mred\x00 <b>' })
    .startTask('maybe')
    .finish('h1', 'skipped', { skip_reason: 'Conditional result was False' })
    .startTask('tried')
    .item('h1', 'failed', 'one', { msg: 'broken' })
    .finish('h1', 'failed', { msg: 'One or more items failed' }, { items: 1, ignored: true })
    .startPlay('Second', ['h3'])
    .startTask('far')
    .finish('h3', 'unreachable', { msg: 'no route' })
    .warn('mind this')
    .end({})
  const [out, err] = [new MemoryOutput(), new MemoryOutput()]
  const reporter = reporterFor({ output: 'junit', env: {} }, out, err)
  for (const event of run.events) reporter.on(event)
  expect(out.text).toBe('')
  await reporter.close()
  expect(err.text).toBe('[WARNING]: mind this\n')
  expect(out.text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mlops" tests="5" failures="1" errors="1" skipped="1" time="0.000">
  <testsuite name="First &lt;play&gt;" timestamp="1970-01-01T00:00:00.000Z" tests="4" failures="1" errors="0" skipped="1" time="0.000">
    <testcase name="say &quot;hi&quot; &amp; go" classname="h1" file="site.yml" line="4" time="0.000">
      <system-out>changed</system-out>
    </testcase>
    <testcase name="say &quot;hi&quot; &amp; go" classname="h2" file="site.yml" line="4" time="0.000">
      <failure type="failed" message="no&#10;way">a ]]&gt; red &lt;b&gt;</failure>
    </testcase>
    <testcase name="maybe" classname="h1" time="0.000">
      <skipped message="Conditional result was False"/>
    </testcase>
    <testcase name="tried" classname="h1" time="0.000">
      <system-out>failed, ignored</system-out>
    </testcase>
  </testsuite>
  <testsuite name="Second" timestamp="1970-01-01T00:00:00.000Z" tests="1" failures="0" errors="1" skipped="0" time="0.000">
    <testcase name="far" classname="h3" time="0.000">
      <error type="unreachable" message="no route"></error>
    </testcase>
  </testsuite>
</testsuites>
`)
})

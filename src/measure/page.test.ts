import { expect, test } from 'vitest'
import { page } from './page.ts'
import type { Sample } from './prober.ts'
import { summarise } from './summary.ts'

const samples: Sample[] = Array.from({ length: 500 }, (_, i) => ({
  due: i * 10,
  ms: 2 + (i % 7),
  failure: i > 200 && i < 210 ? 'refused' : undefined,
  version: i > 200 && i < 210 ? undefined : i < 200 ? '1 <old>' : '1 new',
}))

test('the page holds every figure, stands alone, and lets no text of others become markup', () => {
  const html = page('push & switch', {
    samples,
    summary: summarise(samples),
    marks: [{ at: 2000, what: '<b>pushed</b>' }],
    steps: { titles: ['MS', 'GATE'], rows: [['<b>', '410']] },
  })
  expect(html).toContain('<tr><td>&#60;b&#62;<td>410</tr>')
  expect(html).toContain('<td>9: 9 refused')
  expect(html).toContain('90 ms, from 2.01 s')
  expect(html).toContain('1 &#60;old&#62; · 200 answers')
  expect(html).toContain('push &#38; switch')
  expect(html).not.toMatch(/<b>|src=|href=|<script/)
  expect(html).not.toContain('NaN')
})

test('a measurement without any answer has a page, too', () => {
  const html = page('nothing', { samples: [], summary: summarise([]), marks: [] })
  expect(html).not.toContain('NaN')
  expect(html).not.toContain('Infinity')
  expect(html).not.toContain('p50<td>')
  expect(html).toContain('No answer said which release it came from.')
})

import { expect, test } from 'vitest'
import { html } from './html.ts'

test('values are escaped, markup is not, and nothing is nothing', () => {
  const inner = html`<b>${'<&>"\''}</b>`
  expect(html`<p title="${'"x'}">${inner}${undefined}${[inner, inner]}${7}</p>`.text).toBe(
    '<p title="&#34;x"><b>&#60;&#38;&#62;&#34;&#39;</b><b>&#60;&#38;&#62;&#34;&#39;</b><b>&#60;&#38;&#62;&#34;&#39;</b>7</p>',
  )
})

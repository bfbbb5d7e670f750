import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { render } from './template.ts'

const guide = readFileSync(new URL('../../docs/guide/templates.md', import.meta.url), 'utf8')
const block = /```jinja\n(.*?)```/s.exec(guide)?.[1] ?? ''

test('the examples of the guide give what the guide says', () => {
  const examples = block
    .trimEnd()
    .split('\n')
    .map(line => line.split(/\s+→ /))
  const ours = examples.map(([template = '']) => [
    template,
    render(template, { get: () => undefined, names: () => [] }),
  ])
  expect(examples.length).toBeGreaterThan(5)
  expect(ours).toEqual(examples)
})

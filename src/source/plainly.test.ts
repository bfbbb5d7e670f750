import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseCarefully } from './careful.ts'
import type { SourceDocument, SourceNode } from './node.ts'
import { parsePlainly } from './plainly.ts'
import { SourceText } from './text.ts'

/** Everything a node tells, as data. */
function told(node: SourceNode): unknown {
  const { line, column } = node.at
  if (node.kind === 'seq') return [`${line}:${column}`, node.items.map(told)]
  if (node.kind === 'map') return [`${line}:${column}`, node.entries.map(({ key, value }) => [told(key), told(value)])]
  return [`${line}:${column}+${node.at.length}`, node.style, node.value, node.contentAt.line, node.contentAt.column]
}

function all(documents: readonly SourceDocument[] | undefined): unknown {
  return documents?.map(({ root, warnings }) => [told(root), warnings.map(w => [w.message, w.at.line, w.at.column])])
}

const lab = join(dirname(fileURLToPath(import.meta.url)), '../../test/fixtures/lab')
const files = readdirSync(lab)
  .filter(name => name.endsWith('.yml'))
  .map(name => readFileSync(join(lab, name), 'utf8'))

test.each([
  ...files,
  '',
  'word',
  'a: 1\nb: [x, {y: z}, "q r"]\nc:\n  - d\n  -\n  - e: f\n    g:\nh: null\n',
  'a: |\n  one\n    two\n\n  three\nb: >-  # folded\n  x\n  y\nc: |2\n   z\n',
  '- - a\n  - b\n- {}\n- []\n- ""\n',
  '---\na: b\n...\n---\n- c\n',
  "'q''s': \"x\\ny\"\nplain text\n  folded: 1",
  'a: one\n  two\n  three\nb: "x\n  y"\n',
  'a: 1\na: 2\n? long key\n: value\n',
  '[a: 1, b]\n',
  'yes: on\n80: 0644\n3.0: 1.50\n',
  '# comment\n\na: b # c\n# d\n',
  'a:\r\n  - b\r\n  - "c"\r\n',
])('both readers see the same in %j', text => {
  const source = new SourceText(text, 'a.yml')
  let careful: unknown
  try {
    careful = all(parseCarefully(source))
  } catch {
    careful = undefined
  }
  expect(all(parsePlainly(source))).toEqual(careful)
})

test.each([
  'a: &x 1\n',
  'a: !vault b\n',
  '<<: {a: 1}\n',
  'a: {{ x }}\n',
  'a: b: c\n',
  '[a]: b\n',
])('%j is left to the careful reader', text => {
  expect(parsePlainly(new SourceText(text, 'a.yml'))).toBe(undefined)
})

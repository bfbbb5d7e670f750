import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { registry } from '../modules/registry.ts'
import { complaints } from './tree.ts'

const guide = join(dirname(fileURLToPath(import.meta.url)), '../../docs/guide/playbooks.md')
const blocks = [...readFileSync(guide, 'utf8').matchAll(/^```yaml( refused)?\n(.*?)^```$/gms)].map(
  ([, refused, text = '']) => ({ text, refused: refused !== undefined }),
)

test('the guide has examples', () => {
  expect(blocks.length).toBeGreaterThan(5)
})

test.each(blocks)('the example of the guide is as it says: $text', ({ text, refused }) => {
  const playbook = /^- (?:name: .*\n {2})?hosts:/.test(text)
    ? text
    : `- hosts: all\n  tasks:\n${text.replace(/^(?=.)/gm, '    ')}`
  const files = { 'site.yml': playbook, 'setup_var.yml': 'a: 1\n', 'tasks/debian.yml': '- debug:\n' }
  const said = complaints(files, { modules: registry })
  if (refused) expect(said).toContain('error: ')
  else expect(said).toBe('no error')
})

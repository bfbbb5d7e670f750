import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pages } from '../src/docs/pages.ts'
import { registry } from '../src/modules/registry.ts'

const folder = join(import.meta.dirname, '../docs/reference')

test('the reference pages are those of the modules (npm run docs writes them)', () => {
  const written = readdirSync(join(folder, 'modules')).map(name => [
    `modules/${name}`,
    readFileSync(join(folder, 'modules', name), 'utf8'),
  ])
  const wanted = pages(registry)
  const stale = [...wanted].filter(([path, text]) => new Map(written as [string, string][]).get(path) !== text)
  expect(stale.map(([path]) => path)).toEqual([])
  expect(written.map(([path]) => path).sort()).toEqual([...wanted.keys()].sort())
})

test('a page names the arguments that must be given first', () => {
  const page = pages(registry).get('modules/copy.md') ?? ''
  expect(page).toMatch(/\| --- \| --- \| --- \| --- \|\n\| `dest` \| path \| \*required\* \|/)
})

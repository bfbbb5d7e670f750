import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Recipe, reference } from './recipe.ts'
import { nodeRecipe } from './recipes/node.ts'
import { rabbitmqRecipe } from './recipes/rabbitmq.ts'
import { serverRecipe } from './recipes/server.ts'

const recipe: Recipe = {
  ...{ name: 'thing', version: '1', suite: 'trixie', dockerfile: 'RUN true' },
  files: [{ path: 'a', content: 'b' }],
}

test('equal recipes have one tag', () => {
  expect(reference(recipe)).toMatch(/^mlops\/thing:1-[0-9a-f]{12}$/)
  expect(reference({ ...recipe })).toBe(reference(recipe))
})

test.each<[string, Partial<Recipe>]>([
  ['suite', { suite: 'bookworm' }],
  ['Dockerfile', { dockerfile: 'RUN false' }],
  ['content', { files: [{ path: 'a', content: 'c' }] }],
  ['path', { files: [{ path: 'c', content: 'b' }] }],
  ['mode', { files: [{ path: 'a', content: 'b', mode: 0o755 }] }],
])('another %s gives another tag', (_, change) => {
  expect(reference({ ...recipe, ...change })).not.toBe(reference(recipe))
})

const scripts = [serverRecipe('trixie'), nodeRecipe(), rabbitmqRecipe()].flatMap(({ name, files }) =>
  files.filter(file => file.mode === 0o755).map(file => [`${name}: ${file.path}`, String(file.content)] as const),
)

test.each(scripts)('dash reads %s', (_, text) => {
  execFileSync('dash', ['-n'], { input: text })
  expect(text).toMatch(/^#!\/bin\/sh\n/)
})

test('the entrypoint of the node image gives node what is no program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-entry-'))
  const script = String(nodeRecipe().files.find(file => file.path === 'docker-entrypoint.sh')?.content)
  try {
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/node'), '#!/bin/sh\necho node "$@"\n', { mode: 0o755 })
    writeFileSync(join(folder, 'main.js'), '')
    const entry = (...args: string[]) =>
      execFileSync('sh', ['-c', script, 'entry', ...args], {
        ...{ cwd: folder, encoding: 'utf8' },
        env: { PATH: `${folder}/bin:${process.env.PATH}` },
      }).trim()
    expect(entry('-e', '1')).toBe('node -e 1')
    expect(entry('main.js', 'x y')).toBe('node main.js x y')
    expect(entry('echo', 'hello')).toBe('hello')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { npm } from './npm.ts'
import { attempt, type Shell, step, tmp } from './step.ts'

/** A package of our own, so that no registry is asked. */
function packages(): string {
  const folder = tmp()
  mkdirSync(`${folder}/my left`)
  writeFileSync(`${folder}/my left/package.json`, JSON.stringify({ name: 'left', version: '1.2.3' }))
  cpSync(`${folder}/my left`, `${folder}/left`, { recursive: true })
  mkdirSync(`${folder}/it's $app`)
  const app = { name: 'app', version: '1.0.0', dependencies: { left: 'file:../my left' } }
  writeFileSync(`${folder}/it's $app/package.json`, JSON.stringify(app))
  return folder
}

test.each<Shell>([
  'dash',
])('what package.json names is checked, installed, left alone and removed (%s)', async shell => {
  const folder = packages()
  const path = `${folder}/it's $app`
  const args = { path, production: true, no_optional: true, ignore_scripts: true }
  expect(await step(npm, args, { shell, check: true })).toBe('changed')
  expect(existsSync(`${path}/node_modules`)).toBe(false)
  expect(await step(npm, args, { shell })).toBe('changed')
  expect(readFileSync(`${path}/node_modules/left/package.json`, 'utf8')).toContain('1.2.3')
  expect(await step(npm, args, { shell })).toBe('ok')
  expect(await step(npm, { path, name: 'left', version: '9.9.9' }, { shell, check: true })).toBe('changed')
  expect(await step(npm, { path, ci: true }, { shell, check: true })).toBe('changed')
  const gone = { path, name: 'left', state: 'absent' }
  expect(await step(npm, gone, { shell })).toBe('changed')
  expect(existsSync(`${path}/node_modules/left`)).toBe(false)
  expect(await step(npm, gone, { shell })).toBe('ok')
})

test('a folder that is not there yet is made, and a missing npm is told', async () => {
  const folder = packages()
  const args = { path: `${folder}/new/one`, name: `file:${folder}/left` }
  expect(await step(npm, args, { check: true })).toBe('changed')
  expect(existsSync(args.path)).toBe(false)
  expect(await step(npm, args)).toBe('changed')
  expect(existsSync(`${args.path}/node_modules/left`)).toBe(true)
  const { result } = await attempt(npm, args, { environment: { PATH: tmp() } })
  expect(result.msg).toBe('npm is not on this host')
})

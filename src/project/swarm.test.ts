import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { MlopsError, MlopsErrors } from '../errors.ts'
import { loadProject } from './load.ts'

function load(text: string) {
  const directory = mkdtempSync(join(tmpdir(), 'mlops-project-swarm-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, 'mlops.yml'), text)
  return loadProject(join(directory, 'mlops.yml'))
}

function problems(text: string): string[] {
  try {
    load(text)
    return []
  } catch (error) {
    const all = error instanceof MlopsErrors ? error.errors : [error]
    return all.map(one =>
      one instanceof MlopsError ? `${one.at?.line}:${one.at?.column} ${one.code} ${one.message}` : String(one),
    )
  }
}

const parts = `
services:
  proxy: { server: one, port: 5100, health: /healthz }
  web: { server: one }
  worker: { server: one }
  rabbit: { server: one }
`

test('a swarm has servers and settings of its own', () => {
  const { target, swarm } = load(`name: a\ntarget: swarm\nservers: { one: }\nswarm: { encrypted: true }\n${parts}`)
  expect({ target, swarm }).toEqual({ target: 'swarm', swarm: { encrypted: true, image: undefined } })
})

test('what a swarm cannot run, lacks or would hide is said at once', () => {
  const text = `name: a
target: swarm
servers: { one: }
services:
  proxy: { server: one }
  web: { server: one }
  wroker: { server: one }
`
  expect(problems(text)).toEqual([
    '5:3 project.swarm-service a swarm needs `worker` and `rabbit`',
    '5:3 project.swarm-port the proxy has no port: users would reach nothing',
    '7:3 project.swarm-service a swarm runs no service `wroker`',
  ])
  expect(problems(`name: a\ntarget: swarm\n${parts}`)).toHaveLength(1)
})

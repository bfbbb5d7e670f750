import { appendFileSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  appendJournal,
  lastRun,
  readJournal,
  readReplicas,
  readState,
  rememberReplicas,
  statePath,
  writeState,
} from './state.ts'

const project = () => ({ directory: mkdtempSync(join(tmpdir(), 'mlops-state-')) })
const mode = (file: string) => statSync(file).mode & 0o777

test('the state folder and its files are for their owner alone', () => {
  const owner = project()
  writeState(owner, 'servers.json', { a: 1 })
  appendJournal(owner, { at: 1, command: 'play', ms: 2, exitStatus: 0 })
  expect(mode(join(owner.directory, '.mlops'))).toBe(0o700)
  expect(mode(statePath(owner, 'servers.json'))).toBe(0o600)
  expect(mode(statePath(owner, 'journal.jsonl'))).toBe(0o600)
})

test('a state is read back as it was written, and leaves no temporary file', () => {
  const owner = project()
  expect(readState(owner, 'servers.json')).toBeUndefined()
  writeState(owner, 'deep/servers.json', { a: [1, 'é'] })
  expect(readState(owner, 'deep/servers.json')).toEqual({ a: [1, 'é'] })
  expect(readdirSync(statePath(owner, 'deep'))).toEqual(['servers.json'])
})

test('a state file that is not JSON is an error that names the file', () => {
  const owner = project()
  writeFileSync(statePath(owner, 'servers.json'), '{"a":')
  expect(() => readState(owner, 'servers.json')).toThrow(join(owner.directory, '.mlops', 'servers.json'))
})

test('remembered replicas are added to, and nonsense is left out', () => {
  const owner = project()
  rememberReplicas(owner, { worker: 3 })
  rememberReplicas(owner, { web: 0 })
  expect(readReplicas(owner)).toEqual({ worker: 3, web: 0 })
  writeState(owner, 'replicas.json', { worker: -1, web: 'two', rabbit: 1 })
  expect(readReplicas(owner)).toEqual({ rabbit: 1 })
})

test('the journal gives the last run of a command, also behind a line cut short', () => {
  const owner = project()
  expect(lastRun(owner, 'play')).toBeUndefined()
  appendJournal(owner, { at: 1, command: 'play', ms: 5, exitStatus: 0, playbook: 'a.yml' })
  appendFileSync(statePath(owner, 'journal.jsonl'), '{"at":2,"comm')
  appendJournal(owner, { at: 3, command: 'play', ms: 5, exitStatus: 2 })
  appendJournal(owner, { at: 4, command: 'scale', ms: 5, exitStatus: 0 })
  expect(readJournal(owner).map(entry => entry.at)).toEqual([1, 3, 4])
  expect(lastRun(owner, 'play')?.exitStatus).toBe(2)
  expect(readFileSync(statePath(owner, 'journal.jsonl'), 'utf8').endsWith('}\n')).toBe(true)
})

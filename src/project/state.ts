import { appendFileSync, chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MlopsError, reasonOf } from '../errors.ts'
import type { Project } from './project.ts'

/** The part of a project that says where its state lies. */
export type StateOwner = Pick<Project, 'directory'>

/** A path below `.mlops/`, which may not be there yet. */
export function stateFile(project: StateOwner, ...parts: readonly string[]): string {
  return join(project.directory, '.mlops', ...parts)
}

/** A path below `.mlops/`. Its folder is made, for its owner alone, when it is not there. Throws `state.unwritable`. */
export function statePath(project: StateOwner, ...parts: readonly string[]): string {
  const folder = stateFile(project, ...parts.slice(0, -1))
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw unwritable(folder, cause)
  }
  return stateFile(project, ...parts)
}

/** The value of a JSON file below `.mlops/`, undefined when there is none. Throws `state.unreadable`. */
export function readState(project: StateOwner, name: string): unknown {
  const file = stateFile(project, name)
  const text = readIfThere(file)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

/** Writes a JSON file below `.mlops/`, whole or not at all, for its owner alone. */
export function writeState(project: StateOwner, name: string, value: unknown): void {
  writeStateText(project, name, `${JSON.stringify(value, undefined, 2)}\n`)
}

/** Writes a file below `.mlops/`, whole or not at all, for its owner alone. */
export function writeStateText(project: StateOwner, name: string, text: string): void {
  const file = statePath(project, ...name.split('/'))
  const temporary = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, text, { mode: 0o600, flush: true })
    // An old file of the same temporary name would keep its own mode.
    chmodSync(temporary, 0o600)
    renameSync(temporary, file)
  } catch (cause) {
    rmSync(temporary, { force: true })
    throw unwritable(file, cause)
  }
}

/** Numbers that `mlops scale` remembers: service → replicas. */
export function readReplicas(project: StateOwner): Readonly<Record<string, number>> {
  const value = readState(project, 'replicas.json')
  const replicas: Record<string, number> = {}
  if (typeof value !== 'object' || value === null) return replicas
  for (const [service, number] of Object.entries(value)) {
    if (Number.isInteger(number) && number >= 0) replicas[service] = number
  }
  return replicas
}

/** Remembers numbers of replicas beside those that are remembered already. */
export function rememberReplicas(project: StateOwner, replicas: Readonly<Record<string, number>>): void {
  writeState(project, 'replicas.json', { ...readReplicas(project), ...replicas })
}

/** Forgets all remembered numbers: the servers they were meant for are gone. */
export function forgetReplicas(project: StateOwner): void {
  rmSync(stateFile(project, 'replicas.json'), { force: true })
}

/** One run in the journal. */
export interface JournalEntry {
  /** Milliseconds since 1970, when the run began. */
  readonly at: number
  /** `play`, `scale`, `provision`, … */
  readonly command: string
  readonly ms: number
  readonly exitStatus: number
  /** What the command wants to remember: playbook, recap, … */
  readonly [key: string]: unknown
}

/** Adds a run to the journal (`journal.jsonl`). Throws `state.unwritable`. */
export function appendJournal(project: StateOwner, entry: JournalEntry): void {
  const file = statePath(project, 'journal.jsonl')
  const before = readIfThere(file) ?? ''
  // A crash may have left half a line behind.
  const lineBreak = before === '' || before.endsWith('\n') ? '' : '\n'
  try {
    appendFileSync(file, `${lineBreak}${JSON.stringify(entry)}\n`, { mode: 0o600 })
  } catch (cause) {
    throw unwritable(file, cause)
  }
}

/** The runs of the journal, oldest first. A line cut short by a crash is left out. */
export function readJournal(project: StateOwner): JournalEntry[] {
  const text = readIfThere(stateFile(project, 'journal.jsonl')) ?? ''
  return text.split('\n').flatMap(parseEntry)
}

/** The last run of a command, or undefined. */
export function lastRun(project: StateOwner, command: string): JournalEntry | undefined {
  return readJournal(project).findLast(entry => entry.command === command)
}

function parseEntry(line: string): JournalEntry[] {
  try {
    const entry: unknown = JSON.parse(line)
    return isEntry(entry) ? [entry] : []
  } catch {
    return []
  }
}

function isEntry(value: unknown): value is JournalEntry {
  return typeof value === 'object' && value !== null && 'at' in value && 'command' in value
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw unreadable(file, cause)
  }
}

function unreadable(file: string, cause: unknown): MlopsError {
  return new MlopsError('state.unreadable', `${file} cannot be read: ${reasonOf(cause)}`, {
    cause,
    hint: 'it is written by mlops itself: move it away, and run the command again',
  })
}

/** What the system says of a file of the state that it does not write. */
export function unwritable(file: string, cause: unknown): MlopsError {
  return new MlopsError('state.unwritable', `${file} cannot be written: ${reasonOf(cause)}`, {
    cause,
    hint: 'mlops keeps what it knows of a project in `.mlops` beside its mlops.yml',
  })
}

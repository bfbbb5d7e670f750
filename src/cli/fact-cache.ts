import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FactCache } from '../engine/engine.ts'
import { MlopsError } from '../errors.ts'
import type { Settings } from '../settings/settings.ts'

/** The cache that the settings ask for, or undefined. Throws `facts.cache` when its folder cannot be had. */
export function factCache(
  { factCaching: { folder, prefix, timeoutMs } }: Settings,
  warn: (message: string) => void,
): FactCache | undefined {
  if (folder === undefined) return undefined
  try {
    mkdirSync(folder, { recursive: true })
  } catch (cause) {
    throw new MlopsError('facts.cache', `the folder of the fact cache cannot be made: ${reason(cause)}`, { cause })
  }
  const fileOf = (host: string) => join(folder, `${prefix}${host}`.replaceAll('/', '_'))
  return {
    read(host) {
      const file = fileOf(host)
      if (isOver(file, timeoutMs)) return undefined
      try {
        const facts: unknown = JSON.parse(readFileSync(file, 'utf8'))
        if (typeof facts === 'object' && facts !== null && !Array.isArray(facts)) return { ...facts }
        warn(`${file} holds no facts and is left out`)
      } catch (error) {
        warn(`${file} cannot be read and is left out: ${reason(error)}`)
      }
      return undefined
    },
    write(host, facts) {
      const file = fileOf(host)
      const fresh = join(folder, `.${prefix}${host}.${process.pid}`.replaceAll('/', '_'))
      try {
        writeFileSync(fresh, `${JSON.stringify(sorted(facts), undefined, 4)}`, { mode: 0o600 })
        chmodSync(fresh, 0o600)
        renameSync(fresh, file)
      } catch (error) {
        rmSync(fresh, { force: true })
        warn(`the facts of ${host} cannot be kept: ${reason(error)}`)
      }
    },
    forget: host => rmSync(fileOf(host), { force: true }),
  }
}

function isOver(file: string, timeoutMs: number): boolean {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined || (timeoutMs > 0 && Date.now() - stat.mtimeMs > timeoutMs)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value instanceof Map) return sorted(Object.fromEntries(value))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import { pino } from 'pino'
import type { LogLevel } from './settings.ts'

export type Log = pino.Logger

/** JSON lines on standard output. */
export function createLog(level: LogLevel, role: string): Log {
  return pino({ level, base: { role, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime })
}

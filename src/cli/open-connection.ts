import type { OpenConnection } from '../connection/connection.ts'
import { openLocal } from '../connection/local.ts'

export function connectionOpener(
  _warn: (message: string) => void,
  _held?: <T>(question: () => Promise<T>) => Promise<T>,
): OpenConnection {
  return openLocal
}

import { sh } from '../shell/sh.ts'
import type { Fact } from './fact.ts'

/** The environment that scripts run in. */
export const environment: Fact = {
  subset: 'min',
  topics: ['env'],
  // /proc, as `env` alone does not say where a value of several lines ends.
  look: sh`cat /proc/self/environ`,
  read({ stdout }) {
    const env: Record<string, string> = {}
    for (const entry of stdout.split('\0')) {
      const at = entry.indexOf('=')
      if (at > 0) env[entry.slice(0, at)] = entry.slice(at + 1)
    }
    return { env }
  },
}

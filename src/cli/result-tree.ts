import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MlopsError, reasonOf } from '../errors.ts'
import type { Event, Reporter } from '../events.ts'
import { resultJson } from '../report/result-json.ts'
import { makeFolder } from './output-folder.ts'

/** Writes each host's result into a file of its name, beside what another reporter shows. Throws `cli.tree`. */
export function withTree(reporter: Reporter, folder: string): Reporter {
  try {
    makeFolder(resolve(folder))
  } catch (cause) {
    throw new MlopsError('cli.tree', `the folder of --tree cannot be made: ${reasonOf(cause)}`, { cause })
  }
  return {
    on(event: Event): void {
      reporter.on(event)
      if (event.type !== 'task-finished') return
      const { host, task, result } = event
      const json = resultJson(result, { module: task.module, verbosity: 0, indented: false })
      writeFileSync(join(folder, host.replaceAll('/', '_')), json)
    },
    close: () => reporter.close(),
  }
}

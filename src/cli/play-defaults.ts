import type { Position } from '../errors.ts'
import type { PlayDefaults } from '../playbook/load.ts'
import type { Settings } from '../settings/settings.ts'

/** What the settings say in place of keywords of plays. */
export function playDefaults({ plays, configFile }: Settings): PlayDefaults {
  const at: Position = { file: configFile ?? 'environment', line: 1, column: 1 }
  const { strategy, gatherSubset, gatherTimeout, anyErrorsFatal, noLog, taskTimeout } = plays
  return {
    keywords: {
      ...(anyErrorsFatal ? { anyErrorsFatal: { value: true, at } } : {}),
      ...(noLog ? { noLog: { value: true, at } } : {}),
      ...(taskTimeout === undefined ? {} : { timeout: { value: taskTimeout, at } }),
    },
    ...(strategy === undefined ? {} : { strategy: { value: strategy, at } }),
    ...(gatherSubset.length === 0 ? {} : { gatherSubset: { value: gatherSubset, at } }),
    ...(gatherTimeout === undefined ? {} : { gatherTimeout: { value: gatherTimeout, at } }),
  }
}

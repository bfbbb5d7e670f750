import type { Position } from '../errors.ts'
import { holdsTemplate } from '../schema/check-args.ts'
import { data, type Entry, keyText, type MapNode } from '../source/node.ts'
import type { Action } from './action.ts'
import { noKeywords } from './keywords.ts'
import type { Problems } from './problems.ts'
import type { Keywords } from './types.ts'

/** The word of versions before 2.16 for what are `import_tasks` and `include_tasks` today. */
export function isFormerInclude(name: string): boolean {
  return /^(?:ansible\.(?:builtin|legacy)\.)?include$/.test(name)
}

/** Which of the two an `include` is, by Ansible's rule: what is repeated or named by a template is opened while playing. */
export function becomesOf({ key, value }: Entry, task: MapNode, problems: Problems): 'import_tasks' | 'include_tasks' {
  const said = task.get('static')
  const isStatic =
    said === undefined
      ? !holdsTemplate(data(value)) && !task.entries.some(entry => isLoop(keyText(entry.key)))
      : /^(?:true|yes|on|1)$/i.test(String(data(said)))
  const name = isStatic ? 'import_tasks' : 'include_tasks'
  warnOfInclude(name, key.at, problems)
  return name
}

/** `include: x.yml tags=a,b user=c`: what stands behind the file, tags and variables of what is included. */
export function parametersOf({ args, at }: Pick<Action, 'args' | 'at'>): Keywords {
  const { _raw_params, file, apply, tags, ...vars } = args
  return {
    ...noKeywords,
    tags: tags === undefined ? [] : String(tags).split(','),
    vars: Object.keys(vars).length > 0 ? [{ value: vars, at }] : [],
  }
}

/** Says that an `include` is read as what it is called today. */
export function warnOfInclude(name: string, at: Position, problems: Problems): void {
  problems.warn(`\`include\` is a word of old versions, read as \`${name}\``, at)
}

function isLoop(name: string): boolean {
  return name === 'loop' || name.startsWith('with_')
}

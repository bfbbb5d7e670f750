import type { ModuleAnswer } from './answer.ts'
import type { ModuleCase } from './cases.ts'
import { isList, isMap, type Plain } from './plain.ts'

/** A place where ours and Ansible's answers are not the same. */
export interface Difference {
  /** What the guide may list: the module and the key (`copy: src`), a whole task (`copy: 3 copy`), or the case and the path. */
  readonly names: readonly string[]
  readonly run: string
  readonly theirs: string
  readonly ours: string
}

/** All places where the answers differ. */
export function compare(one: ModuleCase, theirs: ModuleAnswer, ours: ModuleAnswer): Difference[] {
  const found: Difference[] = []
  for (const [run, module] of one.runs) {
    for (const [key, their, our] of differing(theirs.runs[run], ours.runs[run], '')) {
      const bare = module.replace(/^.*\./, '').replace('gather_facts', 'setup')
      const general = key.replaceAll(/\.\d+(?=\.|$)/g, '').replace('ansible_facts.', '')
      found.push({
        names: [`${bare}: ${general}`, `all: ${general}`, `${one.name}: ${run.replace(/: \w+$/, '')}`],
        run: `${one.name}: ${run}: ${key}`,
        theirs: show(their),
        ours: show(our),
      })
    }
  }
  const paths = (lines: readonly string[]) => new Map(lines.map(line => [line.split(' ')[0] ?? '', line]))
  const [left, right] = [paths(theirs.state), paths(ours.state)]
  for (const path of new Set([...left.keys(), ...right.keys()])) {
    if (left.get(path) !== right.get(path))
      found.push({
        names: [`${one.name}: ${path}`],
        run: `${one.name}: ${path}`,
        theirs: left.get(path) ?? 'absent',
        ours: right.get(path) ?? 'absent',
      })
  }
  return found
}

function* differing(
  theirs: Plain | undefined,
  ours: Plain | undefined,
  key: string,
): Generator<[key: string, theirs: Plain | undefined, ours: Plain | undefined]> {
  const within = (name: string | number) => (key === '' ? String(name) : `${key}.${name}`)
  if (isMap(theirs) && isMap(ours)) {
    for (const name of new Set([...Object.keys(theirs), ...Object.keys(ours)]))
      yield* differing(theirs[name], ours[name], within(name))
  } else if (isList(theirs) && isList(ours) && theirs.length === ours.length) {
    for (const [i, item] of theirs.entries()) yield* differing(item, ours[i], within(i))
  } else if (theirs === undefined && (ours === false || !judged.test(key))) return
  else if (JSON.stringify(theirs) !== JSON.stringify(ours)) yield [key, theirs, ours]
}

/** A result may say more than Ansible's, but not on these. */
const judged = /(^|\.)(changed|failed|skipped)$/

function show(value: Plain | undefined): string {
  return value === undefined ? '(none)' : JSON.stringify(value)
}

export interface CronEntry {
  readonly name: string
  /** The whole line, or undefined when the entry is to go. */
  readonly line: string | undefined
  /** The line is a variable, found by its name instead of by a comment. */
  readonly variable: boolean
  readonly insertAfter?: string | undefined
  readonly insertBefore?: string | undefined
}

const MARK = '#Ansible: '

/** Puts an entry into a crontab, replaces it or takes it out. Throws RangeError for a variable to stand beside that is not there. */
export function editCrontab(text: string, entry: CronEntry): string {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const edited = entry.variable ? withVariable(lines, entry) : withJob(lines, entry)
  return edited.length === 0 ? '' : `${edited.join('\n')}\n`
}

/** The names of all entries of ours. */
export function jobNames(text: string): readonly string[] {
  return text.split('\n').flatMap(line => (line.startsWith(MARK) ? [line.slice(MARK.length)] : []))
}

/** The names of all variables. */
export function variableNames(text: string): readonly string[] {
  return text.split('\n').flatMap(line => /^(\S+)=/.exec(line)?.[1] ?? [])
}

function withJob(lines: readonly string[], { name, line }: CronEntry): string[] {
  const at = lines.indexOf(`${MARK}${name}`)
  if (at === -1) {
    if (line === undefined) return [...lines]
    // A job written by hand is taken over
    const known = lines.indexOf(line)
    if (known !== -1) return lines.toSpliced(known, 0, `${MARK}${name}`)
    return [...lines, `${MARK}${name}`, line]
  }
  return lines.toSpliced(at, 2, ...(line === undefined ? [] : [`${MARK}${name}`, line]))
}

function withVariable(lines: readonly string[], { name, line, insertAfter, insertBefore }: CronEntry): string[] {
  const find = (wanted: string) => lines.findIndex(other => other.startsWith(`${wanted}=`))
  const at = find(name)
  if (at !== -1) return lines.toSpliced(at, 1, ...(line === undefined ? [] : [line]))
  if (line === undefined) return [...lines]
  const beside = insertAfter ?? insertBefore
  if (beside === undefined) return [line, ...lines]
  const place = find(beside)
  if (place === -1) throw new RangeError(`Variable named '${beside}' not found.`)
  return lines.toSpliced(insertAfter === undefined ? place : place + 1, 0, line)
}

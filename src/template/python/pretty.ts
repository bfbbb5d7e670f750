import { order } from './compare.ts'
import { dictEntries } from './dict.ts'
import { repr } from './print.ts'
import { isDict, isList, isTuple } from './values.ts'

const width = 80

/** Python's `pprint.pformat`: dict keys sorted, and what does not fit into 80 columns over several lines. Long texts stay whole. */
export function prettyText(value: unknown): string {
  return pretty(value, 0, 0)
}

/** `indent`: columns before the value; `allowance`: columns that must stay free behind it. */
function pretty(value: unknown, indent: number, allowance: number): string {
  const flat = flatText(value)
  if (flat.length <= width - indent - allowance) return flat
  if (isDict(value)) {
    const rows = sorted(dictEntries(value)).map(([key, item]) => ({ head: `${repr(key)}: `, item }))
    return rows.length === 0 ? flat : `{${lines(rows, indent + 1, allowance + 1)}}`
  }
  if (!isList(value) && !isTuple(value)) return flat
  const rows = value.map(item => ({ head: '', item }))
  if (rows.length === 0) return flat
  if (!isTuple(value)) return `[${lines(rows, indent + 1, allowance + 1)}]`
  return rows.length === 1
    ? `(${lines(rows, indent + 1, allowance + 2)},)`
    : `(${lines(rows, indent + 1, allowance + 1)})`
}

function lines(rows: readonly { head: string; item: unknown }[], indent: number, allowance: number): string {
  return rows
    .map(({ head, item }, i) => head + pretty(item, indent + head.length, i === rows.length - 1 ? allowance : 1))
    .join(`,\n${' '.repeat(indent)}`)
}

/** As `repr`, with sorted keys. */
function flatText(value: unknown): string {
  if (isDict(value)) {
    const pairs = sorted(dictEntries(value)).map(([key, item]) => `${repr(key)}: ${flatText(item)}`)
    return `{${pairs.join(', ')}}`
  }
  if (isTuple(value)) return value.length === 1 ? `(${flatText(value[0])},)` : `(${value.map(flatText).join(', ')})`
  return isList(value) ? `[${value.map(flatText).join(', ')}]` : repr(value)
}

function sorted(entries: [unknown, unknown][]): [unknown, unknown][] {
  try {
    return entries.toSorted(([a], [b]) => order(a, b))
  } catch {
    return entries
  }
}

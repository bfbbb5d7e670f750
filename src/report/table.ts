import { clean, displayWidth, pad } from './text.ts'

export interface Column {
  readonly title: string
  /** Numbers read better on the right. */
  readonly right?: boolean
}

/** An aligned table without borders: a line of titles, then the rows. Colours may stand in cells. */
export function table(titles: readonly (Column | string)[], rows: readonly (readonly string[])[]): string {
  const columns: Column[] = titles.map(title => (typeof title === 'string' ? { title } : title))
  const all = [columns.map(column => column.title), ...rows.map(row => columns.map((_, i) => row[i] ?? ''))]
  const widths = columns.map((_, i) => Math.max(...all.map(row => width(row[i] ?? ''))))
  const lines = all.map(row => {
    const cells = row.map((cell, i) => align(cell, widths[i] ?? 0, columns[i]?.right === true))
    return cells.join('  ').trimEnd()
  })
  return `${lines.join('\n')}\n`
}

function align(cell: string, columns: number, right: boolean): string {
  const text = clean(cell) === cell ? cell : cell.replaceAll('\n', ' ')
  const filled = columns - width(text)
  return right ? ' '.repeat(Math.max(0, filled)) + text : pad(text, columns + text.length - clean(text).length)
}

function width(cell: string): number {
  return displayWidth(clean(cell))
}

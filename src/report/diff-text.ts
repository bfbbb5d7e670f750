import { structuredPatch } from 'diff'
import type { Diff } from '../modules/module.ts'
import type { Paint } from './paint.ts'
import { clean } from './text.ts'

/** Beyond so many changed lines a diff is neither quick to find nor of use to read. */
const MOST_CHANGES = 2000

/** A unified diff in Ansible's layout: headers `before` and `after`, three lines around, an empty line behind. '' when nothing differs. */
export function diffText(diffs: Diff | readonly Diff[], paint: Paint): string {
  return (isList(diffs) ? diffs : [diffs]).map(diff => one(diff, paint)).join('')
}

function one(diff: Diff, paint: Paint): string {
  const [before, after] = [text(diff.before), text(diff.after)]
  if (before === after) return ''
  const headers = [
    paint.removed(`--- before${diff.before_header ? `: ${clean(diff.before_header)}` : ''}`),
    paint.added(`+++ after${diff.after_header ? `: ${clean(diff.after_header)}` : ''}`),
  ]
  const patch = structuredPatch('', '', before, after, '', '', { context: 3, maxEditLength: MOST_CHANGES })
  if (!patch) return `${[...headers, paint.hunk(`@@ over ${MOST_CHANGES} lines differ @@`)].join('\n')}\n\n`
  const body = patch.hunks.flatMap(hunk => {
    const header = `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`
    return [paint.hunk(header), ...hunk.lines.map(line => colored(clean(line), paint))]
  })
  return `${[...headers, ...body].join('\n')}\n\n`
}

/** Data as lines of `key: value`. */
function text(side: Diff['before']): string {
  if (typeof side === 'string') return side
  return Object.entries(side)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value ?? null)}\n`)
    .join('')
}

function range(start: number, count: number): string {
  // An empty range stands behind the line before it.
  return count === 1 ? String(start) : `${count === 0 ? start - 1 : start},${count}`
}

function colored(line: string, paint: Paint): string {
  if (line.startsWith('+')) return paint.added(line)
  return line.startsWith('-') ? paint.removed(line) : line
}

function isList(diffs: Diff | readonly Diff[]): diffs is readonly Diff[] {
  return Array.isArray(diffs)
}

/**
 * The names of `candidates` that `word` was probably meant to be, nearest first, at most three.
 * `_`, `-` and no separator count as equal (`prod_server`, `prodserver`).
 */
export function near(word: string, candidates: Iterable<string>): string[] {
  const bare = fold(word)
  const limit = Math.max(1, Math.floor(bare.length / 3))
  const scored: { name: string; distance: number }[] = []
  for (const name of candidates) {
    const distance = editDistance(bare, fold(name), limit)
    if (distance <= limit) scored.push({ name, distance })
  }
  scored.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
  return scored.slice(0, 3).map(s => s.name)
}

/** `did you mean …?` for the nearest candidates, or undefined. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const names = near(word, candidates)
  if (names.length === 0) return undefined
  return `did you mean ${names.map(n => `\`${n}\``).join(' or ')}?`
}

function fold(text: string): string {
  return text.toLowerCase().replace(/[-_ ]/g, '')
}

/** Damerau-Levenshtein distance (adjacent swaps count one), cut off above `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1)
      }
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? limit + 1
}

const MOST_PARTS = 4

/** Host names in few words: runs of numbers become ranges (`web01..web48, db1`); beyond four parts the rest is `…`. */
export function hostRange(hosts: readonly string[]): string {
  const sorted = [...hosts].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const parts: { readonly first: string; last: string }[] = []
  for (const host of sorted) {
    const part = parts.at(-1)
    if (part && follows(part.last, host)) part.last = host
    else parts.push({ first: host, last: host })
  }
  const texts = parts.map(({ first, last }) => (first === last ? first : `${first}..${last}`))
  return texts.length <= MOST_PARTS ? texts.join(', ') : `${texts.slice(0, MOST_PARTS).join(', ')}, …`
}

/** Whether two names differ only in their last number, by one. */
function follows(a: string, b: string): boolean {
  const [before, after] = [numbered(a), numbered(b)]
  if (!before || !after || before.start !== after.start || before.end !== after.end) return false
  const isPadded = before.digits.startsWith('0') || after.digits.startsWith('0')
  return (
    Number(after.digits) === Number(before.digits) + 1 && (!isPadded || before.digits.length === after.digits.length)
  )
}

function numbered(name: string): { start: string; digits: string; end: string } | undefined {
  // The number of a host stands in the first part of its name: web01.example.org.
  const match = /^([^.]*?)(\d+)(\D*?(?:\..*)?)$/.exec(name)
  return match ? { start: match[1] ?? '', digits: match[2] ?? '', end: match[3] ?? '' } : undefined
}

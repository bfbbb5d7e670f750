/** Lines of at most `width` characters, broken between words as Python's textwrap does without changing white space. */
export function wrapText(line: string, width: number, breakLong: boolean, breakHyphens: boolean): string[] {
  const chunks = split(line, breakHyphens).reverse()
  const lines: string[] = []
  while (chunks.length > 0) {
    const current: string[] = []
    let size = 0
    if (lines.length > 0 && chunks.at(-1)?.trim() === '') chunks.pop()
    for (let chunk = chunks.at(-1); chunk !== undefined && size + chunk.length <= width; chunk = chunks.at(-1)) {
      current.push(chunk)
      size += chunk.length
      chunks.pop()
    }
    const next = chunks.at(-1)
    if (next !== undefined && next.length > width) {
      const room = Math.max(1, width - size)
      if (breakLong) {
        const end = breakHyphens ? behindHyphen(next, room) : room
        current.push(next.slice(0, end))
        chunks[chunks.length - 1] = next.slice(end)
      } else if (current.length === 0) {
        current.push(next)
        chunks.pop()
      }
    }
    if (current.at(-1)?.trim() === '') current.pop()
    if (current.length > 0) lines.push(current.join(''))
  }
  return lines.length === 0 ? [''] : lines
}

/** Where a word that is too long is cut: behind its last hyphen that fits, if something else stands before it. */
function behindHyphen(word: string, room: number): number {
  const hyphen = word.slice(0, room).lastIndexOf('-')
  return hyphen > 0 && /[^-]/.test(word.slice(0, hyphen)) ? hyphen + 1 : room
}

function split(line: string, hyphens: boolean): string[] {
  const words = line.match(/\s+|\S+/g) ?? []
  if (!hyphens) return words
  return words.flatMap(word => (/\s/.test(word) ? [word] : (word.match(/.*?\p{L}-(?=\p{L}{2})|.+$/gu) ?? [word])))
}

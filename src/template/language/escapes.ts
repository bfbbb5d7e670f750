/** The text that a string literal's content stands for; unknown escapes keep their backslash, as in Python. */
export function literal(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{1,3})|([\s\S]))/gi, one)
}

function one(whole: string, x?: string, u?: string, long?: string, octal?: string, char?: string): string {
  const hex = x ?? u ?? long
  if (hex !== undefined) {
    const kind = whole[1]
    const matches = x !== undefined ? kind === 'x' : u !== undefined ? kind === 'u' : kind === 'U'
    return matches ? String.fromCodePoint(Number.parseInt(hex, 16)) : whole
  }
  if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
  return named[char ?? ''] ?? whole
}

const named: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
}

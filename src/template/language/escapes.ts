/** Python's escapes of one letter. */
export const simpleEscapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/

/** The text that the content of a string literal stands for; unknown escapes keep their backslash, as in Python. */
export function literal(text: string): string {
  if (!text.includes('\\')) return text
  // a backslash at the end of a line takes the line break away
  return text.replace(new RegExp(ESCAPE, 'g'), (whole, ...groups) => (whole === '\\\n' ? '' : opened(whole, groups)))
}

/** The same, where line breaks are none of its business. */
export function openEscapes(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(new RegExp(ESCAPE, 'g'), (whole, ...groups) => opened(whole, groups))
}

/** The escape that begins at `at`, and what it stands for: undefined for one that breaks off, such as `\x4`. */
export function escapeAt(text: string, at: number): { readonly length: number; readonly value: string | undefined } {
  const pattern = new RegExp(ESCAPE, 'y')
  pattern.lastIndex = at
  const [whole = '\\'] = pattern.exec(text) ?? []
  const value = literal(whole)
  return { length: whole.length, value: value === whole && /^\\[xuU]?$|^\\U/.test(whole) ? undefined : value }
}

function opened(whole: string, [x, u, long, octal, char]: readonly (string | undefined)[]): string {
  const hex = x ?? u ?? long
  const point = hex === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hex, 16)
  if (!Number.isNaN(point)) return point > 0x10ffff ? whole : String.fromCodePoint(point)
  return simpleEscapes[char ?? ''] ?? whole
}

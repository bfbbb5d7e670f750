import { isUtf8 } from 'node:buffer'

/**
 * The text of bytes in UTF-8. A byte that is none stands in it as one character from U+DC80 to U+DCFF, which no text has,
 * as with Python's `surrogateescape`: `bytesOf` gives it back.
 */
export function textOf(bytes: Uint8Array): string {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isUtf8(whole)) return whole.toString('utf8')
  let text = ''
  let begin = 0
  for (let at = 0; at < whole.length; ) {
    const length = characterLength(whole, at)
    if (length > 0) at += length
    else {
      text += whole.toString('utf8', begin, at) + String.fromCharCode(ESCAPE + (whole[at] ?? 0))
      begin = ++at
    }
  }
  return text + whole.toString('utf8', begin)
}

/** The bytes of a text: what `textOf` was made from. */
export function bytesOf(text: string): Buffer {
  if (!escaped.test(text)) return Buffer.from(text)
  const parts = text.split(escaped)
  return Buffer.concat(
    parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) - ESCAPE))),
  )
}

const ESCAPE = 0xdc00
// with `u`, halves of characters beyond U+FFFF are no match
const escaped = /([\uDC80-\uDCFF])/u

/** How many bytes the character has that begins there; 0: none does. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0
}

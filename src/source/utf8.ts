import { isUtf8 } from 'node:buffer'
import { textOf } from '../bytes.ts'
import { MlopsError } from '../errors.ts'
import { SourceText } from './text.ts'

/** The text of a file that people write. Throws `source.encoding` at the first byte that is no UTF-8. */
export function utf8Of(bytes: Buffer, file: string): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  if (isUtf16(bytes)) {
    throw new MlopsError('source.encoding', `${file} is UTF-16, and must be UTF-8`, {
      hint: `iconv -f utf-16 -t utf-8 ${file} writes it as UTF-8`,
    })
  }
  const text = textOf(bytes)
  const offset = text.search(/[\uDC80-\uDCFF]/u)
  const byte = (text.charCodeAt(offset) & 0xff).toString(16)
  const { text: line = '', ...at } = new SourceText(text, file).position(offset)
  throw new MlopsError('source.encoding', `this byte (0x${byte}) is no UTF-8`, {
    at: { ...at, text: line.replaceAll(/[\uDC80-\uDCFF]/gu, '\uFFFD') },
    hint: 'save the file as UTF-8, or write the character in ASCII: "\\u00e9" is é in double quotes',
  })
}

function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.subarray(0, 2).toString('hex')
  return mark === 'fffe' || mark === 'feff'
}

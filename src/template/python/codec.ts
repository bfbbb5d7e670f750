import { bytesOf, textOf } from '../../bytes.ts'
import { valueFailure } from './fail.ts'

/** The bytes of a text in one of Python's encodings. Throws for an unknown one, and for characters that it does not have. */
export function encode(text: string, encoding: string): Buffer {
  const name = canonical(encoding)
  switch (name) {
    case 'utf8':
      return bytesOf(text)
    case 'utf8sig':
      return Buffer.from(`\uFEFF${text}`)
    case 'utf16':
      return Buffer.from(`\uFEFF${text}`, 'utf16le')
    case 'utf16le':
      return Buffer.from(text, 'utf16le')
    case 'utf16be':
      return Buffer.from(text, 'utf16le').swap16()
    default:
      return Buffer.from([...text].map(char => byteOf(char, name, encoding)))
  }
}

/** The text of bytes in one of Python's encodings. */
export function decode(bytes: Uint8Array, encoding: string): string {
  const name = canonical(encoding)
  switch (name) {
    case 'utf8':
      return textOf(bytes)
    case 'utf8sig':
      return Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\uFEFF/, '')
    case 'utf16':
    case 'utf16le':
      return Buffer.from(bytes)
        .toString('utf16le')
        .replace(/^\uFEFF/, '')
    case 'utf16be':
      return Buffer.from(bytes).swap16().toString('utf16le')
    default: {
      const chars = new Map([...charsOf(name, encoding)].map(([char, byte]) => [byte, char]))
      return [...bytes].map(byte => chars.get(byte) ?? '\uFFFD').join('')
    }
  }
}

function canonical(encoding: string): string {
  const name = encoding.toLowerCase().replaceAll(/[-_ ]/g, '')
  return aliases[name] ?? name
}

const aliases: Readonly<Record<string, string>> = {
  u8: 'utf8',
  utf: 'utf8',
  cp65001: 'utf8',
  u16: 'utf16',
  latin: 'latin1',
  l1: 'latin1',
  iso88591: 'latin1',
  usascii: 'ascii',
  iso646us: 'ascii',
  646: 'ascii',
}

const tables = new Map<string, Map<string, number>>()

function byteOf(char: string, name: string, encoding: string): number {
  const byte = charsOf(name, encoding).get(char)
  if (byte === undefined) throw valueFailure(`'${encoding}' codec can't encode character '${char}'`)
  return byte
}

/** The characters of an encoding of one byte each. */
function charsOf(name: string, encoding: string): Map<string, number> {
  const known = tables.get(name)
  if (known) return known
  const table = new Map<string, number>()
  const char = singleByte(name, encoding)
  for (let byte = 0; byte < 256; byte++) {
    const text = char(byte)
    if (text !== '\uFFFD') table.set(text, byte)
  }
  tables.set(name, table)
  return table
}

function singleByte(name: string, encoding: string): (byte: number) => string {
  // the web's `latin1` and `ascii` are windows-1252, Python's are not
  if (name === 'latin1') return byte => String.fromCharCode(byte)
  // Node's decoder takes it for latin-1
  if (name === 'cp1252' || name === 'windows1252')
    return byte => (byte < 0x80 || byte > 0x9f ? String.fromCharCode(byte) : ([...windows][byte - 0x80] ?? '\uFFFD'))
  if (name === 'ascii') return byte => (byte < 128 ? String.fromCharCode(byte) : '\uFFFD')
  const label = name
    .replace(/^cp(125\d)$/, 'windows-$1')
    .replace(/^iso8859(\d+)$/, 'iso-8859-$1')
    .replace(/^windows(\d)/, 'windows-$1')
  try {
    const decoder = new TextDecoder(label.replace(/^koi8([ru])$/, 'koi8-$1'))
    if (/^(utf|gb|big5|euc|shift|iso-2022)/.test(decoder.encoding)) throw new RangeError(label)
    return byte => decoder.decode(Uint8Array.of(byte))
  } catch {
    throw valueFailure(`unknown encoding: ${encoding}`)
  }
}

const windows = '€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ'

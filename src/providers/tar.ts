/** One file of an archive. */
export interface TarEntry {
  /** Relative, at most 100 bytes. */
  readonly path: string
  readonly content: string | Uint8Array
  /** Octal, 0o644 by default. */
  readonly mode?: number
}

const BLOCK = 512

/**
 * A tar archive of plain files that belong to root (POSIX.1-1988 ustar). Equal entries give equal bytes:
 * all times are 1970.
 */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(entry => {
    const content = Buffer.from(entry.content)
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
    return [header(entry.path, entry.mode ?? 0o644, content.length), content, padding]
  })
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)])
}

function header(path: string, mode: number, sizeBytes: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new RangeError(`a path in an archive has at most 100 bytes: ${path}`)
  const block = Buffer.alloc(BLOCK)
  block.write(path, 0)
  block.write(octal(mode, 7), 100)
  block.write(octal(0, 7), 108)
  block.write(octal(0, 7), 116)
  block.write(octal(sizeBytes, 11), 124)
  block.write(octal(0, 11), 136)
  block.write('0', 156)
  block.write('ustar\x0000', 257)
  // The checksum is taken with blanks in its own place.
  block.write(' '.repeat(8), 148)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${octal(sum, 6)}\0 `, 148)
  return block
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, type Stats } from 'node:fs'
import { ModuleFailure } from '../modules/module.ts'
import { isEncrypted } from '../vault/envelope.ts'

const digests = new Map<string, FileDigest>()

/** The digest of a file, which is made once a run for all hosts, as long as the file stays the same. */
export function digestOf(file: string, { ino, size, mtimeMs, ctimeMs }: Stats): FileDigest {
  const stamp = `${ino} ${size} ${mtimeMs} ${ctimeMs}`
  const known = digests.get(file)
  if (known?.stamp === stamp) return known
  const made = new FileDigest(file, stamp)
  digests.set(file, made)
  return made
}

/** Makes the digests of large files, bit by bit, while others wait for their hosts. */
export async function digestAhead(files: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  for (const file of files) {
    const digest = digests.get(file)
    while (digest && !digest.isMade && !signal?.aborted) {
      // an error is that of whoever needs the digest
      try {
        digest.proceed()
      } catch {
        break
      }
      await new Promise(resolve => setImmediate(resolve))
    }
  }
}

/** Does what reads files of the controller. Throws `ModuleFailure` where one cannot be read. */
export function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new ModuleFailure(`the controller cannot read it: ${error.message}`)
  }
}

/** SHA-1 of a file, in hex. Of a large one only the start is read at first. A file need not fit into memory. */
export class FileDigest {
  readonly stamp: string
  readonly isEncrypted: boolean
  /** How far it has come. */
  readBytes = 0
  readonly #file: string
  readonly #hash = createHash('sha1')
  #sha1: string | undefined

  constructor(file: string, stamp: string) {
    this.#file = file
    this.stamp = stamp
    this.isEncrypted = this.#read(2)
  }

  get isMade(): boolean {
    return this.#sha1 !== undefined
  }

  /** Reads what is left of the file. */
  get sha1(): string {
    while (this.#sha1 === undefined) reading(() => this.proceed())
    return this.#sha1
  }

  /** A millisecond's work. */
  proceed(): void {
    this.#read(4)
  }

  /** Whether what was read begins as an encrypted file does. */
  #read(pieces: number): boolean {
    const from = openSync(this.#file, 'r')
    let encrypted = false
    try {
      for (let i = 0; i < pieces && this.#sha1 === undefined; i++) {
        const size = readSync(from, piece, 0, piece.length, this.readBytes)
        if (this.readBytes === 0) encrypted = isEncrypted(piece.subarray(0, size))
        this.#hash.update(piece.subarray(0, size))
        this.readBytes += size
        if (size === 0) this.#sha1 = this.#hash.digest('hex')
      }
      return encrypted
    } finally {
      closeSync(from)
    }
  }
}

const piece = Buffer.allocUnsafeSlow(256 * 1024)

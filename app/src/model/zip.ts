import { inflateRawSync } from 'node:zlib'
import { PredictorError } from '../errors.ts'

const maxEntryBytes = 64 * 1024 * 1024

/** One file of a zip archive; `undefined` when it is not there. Throws `model.unreadable`. Format: PKWARE APPNOTE 4.3. */
export function unzip(archive: Buffer, wanted: string): Buffer | undefined {
  try {
    return find(archive, wanted)
  } catch (error) {
    if (error instanceof PredictorError) throw error
    throw new PredictorError('model.unreadable', 'the archive is damaged', { cause: error })
  }
}

function find(archive: Buffer, wanted: string): Buffer | undefined {
  const end = archive.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  if (end === -1) throw new PredictorError('model.unreadable', 'the archive is cut off: it has no directory')
  let at = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== 0x02014b50)
      throw new PredictorError('model.unreadable', 'the directory of the archive is damaged')
    const nameLength = archive.readUInt16LE(at + 28)
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength)
    if (name === wanted) return content(archive, at, name)
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  return undefined
}

function content(archive: Buffer, entry: number, name: string): Buffer {
  const method = archive.readUInt16LE(entry + 10)
  const size = archive.readUInt32LE(entry + 20)
  const header = archive.readUInt32LE(entry + 42)
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
  const packed = archive.subarray(start, start + size)
  if (packed.length !== size) throw new PredictorError('model.unreadable', `the archive is cut off within ${name}`)
  if (method === 0) return packed
  if (method === 8) return inflated(packed, name)
  throw new PredictorError(
    'model.unsupported',
    `${name} is packed with method ${method}: only stored and deflated files are read`,
  )
}

function inflated(packed: Buffer, name: string): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: maxEntryBytes })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new PredictorError('model.unsupported', `${name} unpacks to more than ${maxEntryBytes / 1024 ** 2} MiB`)
  }
}

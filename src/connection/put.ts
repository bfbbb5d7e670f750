import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { printBytes } from '../shell/frame.ts'
import { sh } from '../shell/sh.ts'
import { ConnectionError, type LocalContent, type Upload } from './connection.ts'

/** Which files ride inside frames, frame by frame, and which go as a stream of their own. */
export function splitUploads(uploads: readonly Upload[]): { frames: Upload[][]; stream: Upload[] } {
  const frames: Upload[][] = []
  let room = 0
  const stream: Upload[] = []
  for (const upload of uploads) {
    const size = uploadSize(upload)
    if (size > SMALL_BYTES) {
      stream.push(upload)
      continue
    }
    if (frames.length === 0 || size + PATH_BYTES > room) {
      frames.push([])
      room = FRAME_BYTES
    }
    frames.at(-1)?.push(upload)
    room -= size + PATH_BYTES
  }
  return { frames, stream }
}

export function uploadSize({ content }: Upload): number {
  return content instanceof Uint8Array ? content.length : content.sizeBytes
}

/**
 * The script that writes small files. What stands at `to` is removed first: a link there is not followed.
 * One `chmod` serves all files of a mode; until then nobody else may read them.
 */
export async function placeInFrame(uploads: readonly Upload[]): Promise<Buffer> {
  const parts: Buffer[] = [Buffer.from(PLACE)]
  const modes = new Map<number, string[]>()
  for (const { to, mode, content } of uploads) {
    const bytes = content instanceof Uint8Array ? content : await readWhole(content)
    parts.push(
      Buffer.from(sh`w ${to}; `.text),
      Buffer.from(printBytes(bytes), 'latin1'),
      Buffer.from(`${sh` > ${to} || f ${to}`.text}\n`),
    )
    modes.set(mode, [...(modes.get(mode) ?? []), to])
  }
  for (const [mode, paths] of modes) {
    if (mode === OWN_MODE) continue
    parts.push(Buffer.from(`${sh`chmod ${mode.toString(8)} -- ${paths} || f ${paths}`.text}\n`))
  }
  return Buffer.concat(parts)
}

async function readWhole({ file, sha1 }: LocalContent): Promise<Buffer> {
  const bytes = await readFile(file).catch(cause => {
    throw cannotSend(file, cause)
  })
  if (sha1 !== undefined && createHash('sha1').update(bytes).digest('hex') !== sha1) throw hasChanged(file)
  return bytes
}

/** A file of the controller that is not any more what was to be sent. */
export function hasChanged(file: string): ConnectionError {
  return new ConnectionError('no-file', `${file} changed while it was sent`)
}

/** A file of the controller that cannot be read when its turn comes. */
export function cannotSend(file: string, cause: unknown): ConnectionError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ConnectionError('no-file', `cannot send ${file}: ${reason}`, { cause })
}

const PLACE = `umask 077
f() { rm -f -- "$@"; for p do echo "$p: cannot be written" >&2; done; exit 1; }
w() { if [ -L "$1" ] || [ -e "$1" ]; then rm -f -- "$1" || exit 1; fi; set -C; }
`

/** What the mask of `PLACE` leaves. */
const OWN_MODE = 0o600
/** What rides inside a frame, a file. */
export const SMALL_BYTES = 128 * 1024
const FRAME_BYTES = 4 * 2 ** 20
const PATH_BYTES = 200

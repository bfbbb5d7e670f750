import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { quote } from '../shell/sh.ts'
import type { Channel, OpenChannel } from './channel.ts'
import { ConnectionError, type Upload } from './connection.ts'
import { Latch } from './latch.ts'
import { startAs } from './privilege.ts'
import { uploadSize } from './put.ts'
import type { ShellOptions } from './user-shell.ts'

/**
 * Sends files one after the other through one command: a line that says what comes, then that many bytes.
 * Resolves to what went wrong on the far side, undefined when all is in place.
 */
export async function sendStream(
  openChannel: OpenChannel,
  uploads: readonly Upload[],
  options: ShellOptions,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { host, shell, become, choosesUser, startTimeoutMs } = options
  const token = `mlops-${randomBytes(8).toString('hex')}`
  const command = `${shell} -c 'echo ${token}; while IFS= read -r l; do eval "$l"; done'`
  const ended = new Latch<number | undefined>()
  let stderr = ''
  const channel = await startAs(
    openChannel,
    { host, command, token, become, choosesUser, timeoutMs: startTimeoutMs },
    {
      stdout: () => {},
      stderr: chunk => {
        stderr = (stderr + chunk.toString('utf8')).slice(-4096)
      },
      closed: status => ended.resolve(status),
    },
  )
  const abort = () => {
    channel.destroy()
    ended.reject(new ConnectionError('interrupted', `interrupted while files went to ${host}`))
  }
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  try {
    await channel.write(Buffer.from(RECEIVE))
    for (const upload of uploads) {
      if (ended.settled) break
      await send(channel, upload, ended)
    }
    channel.end()
    const status = await ended.promise
    if (status === undefined) throw new ConnectionError('lost', `the line to ${host} was lost`)
    return status === 0 ? undefined : stderr
  } catch (error) {
    channel.destroy()
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

async function send(channel: Channel, upload: Upload, ended: Latch<number | undefined>): Promise<void> {
  const size = uploadSize(upload)
  const { to, mode, content } = upload
  const path = quote(to).replaceAll('\n', `'"$n"'`)
  const header = `w ${Math.floor(size / BLOCK_BYTES)} ${size % BLOCK_BYTES} ${size} ${mode.toString(8)} ${path}\n`
  await channel.write(Buffer.from(header))
  if (content instanceof Uint8Array) return channel.write(content)
  let sent = 0
  const source = createReadStream(content.file, { end: size - 1, highWaterMark: 4 * BLOCK_BYTES })
  for await (const chunk of source) {
    if (ended.settled) return
    sent += (chunk as Buffer).length // no encoding is set: a chunk is a Buffer
    await channel.write(chunk)
  }
  if (sent < size) throw new Error(`${content.file} became smaller while it was sent`)
}

const BLOCK_BYTES = 65_536

// One line. A file that fails ends the command: what follows on stdin is bytes, and must never be taken for lines.
// BusyBox `head -c` reads more than it takes, its `dd` does not; `mv` would move into a directory.
const RECEIVE = `${[
  `n=$(printf '\\012x'); n=\${n%x}; umask 077`,
  // what dd says of a failure is the end of its first line: `dd: error writing 'standard output': No space left on device`
  // biome-ignore lint/suspicious/noTemplateCurlyInString: shell text
  'd() { [ "$2" = 0 ] || e=$(LC_ALL=C dd bs="$1" count="$2" iflag=fullblock 2>&1 >>"$p") || { e=${e%%"$n"*}; e=${e##*: }; return 1; }; }',
  'x() { rm -f -- "$p"; [ -z "$1" ] || echo "$1" >&2; exit 1; }',
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: shell text
    'w() { p="${5%/*}/.mlops-part.$$"; [ ! -d "$5" ] || x "$5: is a directory"; rm -f -- "$p"; set -C; : >"$p" || x; set +C',
    `d ${BLOCK_BYTES} "$1" || x "$5: cannot be written: $e"; if [ "$2" != 0 ]; then d "$2" 1 || x "$5: cannot be written: $e"; fi`,
    '[ "$(wc -c <"$p")" -eq "$3" ] || x "$5: cannot be written whole"; chmod "$4" "$p" && mv -f -- "$p" "$5" || x; }',
  ].join('; '),
].join('; ')}\n`

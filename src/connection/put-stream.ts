import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { IDENTITY } from '../shell/arrived.ts'
import { quote } from '../shell/sh.ts'
import type { Channel, OpenChannel } from './channel.ts'
import { ConnectionError, type LocalContent, type Upload } from './connection.ts'
import { Latch } from './latch.ts'
import { startAs } from './privilege.ts'
import { cannotSend, hasChanged, uploadSize } from './put.ts'
import type { ShellOptions } from './user-shell.ts'

/** What came of a stream of files. */
export interface Sent {
  /** What went wrong on the far side; undefined: all is in place. */
  readonly problem?: string | undefined
  /** Names under which a receiver that was ended may have left the beginning of a file. */
  readonly parts?: readonly string[]
  /** Those whose content is known, as it was hashed when it was sent: identity, `=`, SHA-1. */
  readonly arrived: readonly string[]
}

/**
 * Sends files one after the other through one command: a line that says what comes, then that many bytes, then whether these are what
 * was to be sent: a file may have changed meanwhile, and is not placed then.
 */
export async function sendStream(
  openChannel: OpenChannel,
  uploads: readonly Upload[],
  options: ShellOptions,
  signal: AbortSignal | undefined,
): Promise<Sent> {
  const { host, shell, become, choosesUser, startTimeoutMs } = options
  const token = `mlops-${randomBytes(8).toString('hex')}`
  const command = `${shell} -c 'echo ${token}; while IFS= read -r l; do eval "$l"; done'`
  const ended = new Latch<number | undefined>()
  let [stdout, stderr] = ['', '']
  const channel = await startAs(
    openChannel,
    { host, command, token, become, choosesUser, timeoutMs: startTimeoutMs },
    {
      stdout: chunk => {
        stdout += chunk.toString('utf8')
      },
      stderr: chunk => {
        stderr = (stderr + chunk.toString('utf8')).slice(-4096)
      },
      closed: status => ended.resolve(status),
    },
  )
  const abort = () => {
    ended.reject(new ConnectionError('interrupted', `interrupted while files went to ${host}`))
    channel.destroy()
  }
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  try {
    await channel.write(Buffer.from(`k=${token}; ${RECEIVE}`))
    let changed: LocalContent | undefined
    for (const upload of uploads) {
      if (ended.settled || changed) break
      changed = await send(channel, upload, ended)
    }
    channel.end()
    const status = await ended.promise
    if (status === undefined) throw new ConnectionError('lost', `the line to ${host} was lost`)
    if (status !== 0 && changed) throw hasChanged(changed.file)
    if (status !== 0) {
      const folders = new Set(uploads.map(({ to }) => to.slice(0, to.lastIndexOf('/'))))
      const problem = stderr.trim() || `what receives files there ended with status ${status}`
      return { problem, parts: [...folders].map(folder => `${folder}/.mlops-part.${token}`), arrived: [] }
    }
    return { arrived: stdout.split('\n').filter(line => ARRIVAL.test(line)) }
  } catch (error) {
    channel.destroy()
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** What turned out not to be the content that was to be sent. */
async function send(
  channel: Channel,
  upload: Upload,
  ended: Latch<number | undefined>,
): Promise<LocalContent | undefined> {
  const size = uploadSize(upload)
  const { to, mode, content } = upload
  const path = quote(to).replaceAll('\n', `'"$n"'`)
  const header = `w ${Math.floor(size / BLOCK_BYTES)} ${size % BLOCK_BYTES} ${size} ${mode.toString(8)} ${path}`
  if (content instanceof Uint8Array) {
    await channel.write(Buffer.from(`${header}\n`))
    await channel.write(content)
    return undefined
  }
  await channel.write(Buffer.from(`${header} ${content.sha1 ?? ''}\n`))
  const hash = content.sha1 === undefined ? undefined : createHash('sha1')
  let sent = 0
  for await (const bytes of pieces(content.file, size)) {
    if (ended.settled) return undefined
    sent += bytes.length
    hash?.update(bytes)
    await channel.write(bytes)
  }
  if (sent < size) return content
  if (hash === undefined) return undefined
  const digest = hash.digest('hex')
  await channel.write(Buffer.from(`${digest}\n`))
  return digest === content.sha1 ? undefined : content
}

async function* pieces(file: string, size: number): AsyncGenerator<Buffer> {
  try {
    // no encoding is set: a piece is a Buffer
    yield* createReadStream(file, { end: size - 1, highWaterMark: 4 * BLOCK_BYTES }) as AsyncIterable<Buffer>
  } catch (cause) {
    throw cannotSend(file, cause)
  }
}

const BLOCK_BYTES = 65_536
const ARRIVAL = /^\d+:\d+:\d+:.*=[0-9a-f]{40}$/

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
    'w() { p="${5%/*}/.mlops-part.$k"; [ ! -d "$5" ] || x "$5: is a directory"; rm -f -- "$p"; set -C; : >"$p" || x; set +C',
    `d ${BLOCK_BYTES} "$1" || x "$5: cannot be written: $e"; if [ "$2" != 0 ]; then d "$2" 1 || x "$5: cannot be written: $e"; fi`,
    '[ "$(wc -c <"$p")" -eq "$3" ] || x "$5: cannot be written whole"; [ -z "$6" ] || { read -r l && [ "$l" = "$6" ]; } || x "$5: has changed"',
    `chmod "$4" "$p" && mv -f -- "$p" "$5" || x; [ -z "$6" ] || echo "$(stat -c '${IDENTITY}' -- "$5")=$6"; }`,
  ].join('; '),
].join('; ')}\n`

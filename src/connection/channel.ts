import type { Readable, Writable } from 'node:stream'

/** A command that runs on a host, seen from here. */
export interface Channel {
  /** Resolves when more may be written, or when nothing can be any more. */
  write(bytes: Uint8Array): Promise<void>
  /** The end of its stdin. */
  end(): void
  /** Lets go of it at once, whatever still holds its streams open there. */
  destroy(): void
}

export interface ChannelListener {
  stdout(chunk: Buffer): void
  stderr(chunk: Buffer): void
  /** Called once, last. Status undefined: the line broke before the command ended. */
  closed(status: number | undefined): void
}

/** Starts a command, given as one line of shell text; `user` where the way to the host can choose it itself. */
export type OpenChannel = (command: string, listener: ChannelListener, user?: string) => Promise<Channel>

/** What a process or an SSH channel has in common. */
export interface Streams {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  readonly destroy: () => void
}

/** A channel over three streams, which counts bytes. `exited` and `closed` are to be called at these events: there `ssh2` and `node:child_process` differ. */
export function channelOf(
  streams: Streams,
  listener: ChannelListener,
  stats: { bytesSent: number; bytesReceived: number },
) {
  let status: number | undefined
  let closed = false
  let grace: NodeJS.Timeout | undefined
  const close = () => {
    if (closed) return
    closed = true
    clearTimeout(grace)
    listener.closed(status)
  }
  const receive = (take: (chunk: Buffer) => void) => (chunk: Buffer) => {
    stats.bytesReceived += chunk.length
    if (!closed) take(chunk)
  }
  streams.stdout.on(
    'data',
    receive(chunk => listener.stdout(chunk)),
  )
  streams.stderr.on(
    'data',
    receive(chunk => listener.stderr(chunk)),
  )
  for (const stream of [streams.stdin, streams.stdout, streams.stderr]) stream.on('error', () => {})
  const channel: Channel = {
    write: bytes =>
      new Promise(resolve => {
        if (closed || streams.stdin.destroyed || streams.stdin.writableEnded) return resolve()
        stats.bytesSent += bytes.length
        if (streams.stdin.write(bytes)) return resolve()
        const go = () => {
          streams.stdin.off('drain', go).off('close', go)
          resolve()
        }
        streams.stdin.on('drain', go).on('close', go)
      }),
    end: () => {
      if (!streams.stdin.destroyed && !streams.stdin.writableEnded) streams.stdin.end()
    },
    destroy: () => {
      streams.destroy()
      close()
    },
  }
  return {
    channel,
    /** A process that the command left behind may hold the streams open for ever: they get a moment more. */
    exited: (value: number) => {
      status = value
      grace ??= setTimeout(close, AFTER_EXIT_MS)
    },
    closed: close,
  }
}

/** The exit status of a shell for a signal's name. */
export function signalStatus(signal: string, numbers: Readonly<Record<string, number>>): number {
  return 128 + (numbers[signal.startsWith('SIG') ? signal : `SIG${signal}`] ?? 0)
}

const AFTER_EXIT_MS = 500

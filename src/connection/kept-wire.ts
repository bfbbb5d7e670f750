import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import type { ConnectionTarget } from './connection.ts'

/**
 * What a run asks of the process that keeps lines: one line of JSON on a connection of its own to the keeper's socket. Without a
 * command: open the line, or have it open already. With one: start it; what follows on the connection is its stdin.
 */
export interface KeptRequest {
  readonly target: ConnectionTarget
  readonly keepMs: number
  readonly command?: string
}

/** The first frame that comes back. */
export interface KeptReply {
  readonly user: string
  readonly warnings: readonly string[]
}

/** Kinds of frames from the keeper: a byte, the length in four bytes, then the content. */
export const frames = { reply: 0, stdout: 1, stderr: 2, exit: 3, failed: 4 } as const

export type FrameKind = (typeof frames)[keyof typeof frames]

export function frameOf(kind: FrameKind, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content as string) // `Buffer.from` takes both; its overloads do not take the union
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt8(kind, 0)
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}

/** Cuts what comes from the keeper into frames. */
export function frameReader(take: (kind: number, content: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return chunk => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= HEAD_BYTES && rest.length >= HEAD_BYTES + rest.readUInt32BE(1)) {
      const end = HEAD_BYTES + rest.readUInt32BE(1)
      take(rest.readUInt8(0), rest.subarray(HEAD_BYTES, end))
      rest = rest.subarray(end)
    }
  }
}

const HEAD_BYTES = 5

/**
 * The socket of the keeper, in a folder that is only this user's. One for each build of the program, folder and agent, since paths and keys of a
 * target are looked for from there. Undefined: there is no folder that nobody else can reach.
 */
export function keeperSocket(build: string): string | undefined {
  const { XDG_RUNTIME_DIR: runtime, XDG_STATE_HOME: state, SSH_AUTH_SOCK: agent = '', HOME: home = '' } = process.env
  const seed = JSON.stringify([build, process.cwd(), agent, home])
  const name = `keep-${createHash('sha256').update(seed).digest('hex').slice(0, 16)}`
  const given = [runtime, state, join(homedir(), '.local/state')].filter(path => path !== undefined && isAbsolute(path))
  const folders = [...given.map(path => join(path ?? '', 'mlops')), join(tmpdir(), `mlops-${process.getuid?.()}`)]
  return folders.map(folder => join(folder, name)).find(path => path.length <= LONGEST_PATH && isPrivate(dirname(path)))
}

/** Makes the folder where it is missing. */
function isPrivate(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const status = lstatSync(folder)
    return status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o077) === 0
  } catch {
    return false
  }
}

/** sockaddr_un(7): 108 bytes with the NUL. */
const LONGEST_PATH = 107

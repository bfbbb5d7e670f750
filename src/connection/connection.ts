import { userInfo } from 'node:os'
import type { Script } from '../shell/sh.ts'

/** As whom a script runs. Undefined: as the login user. */
export interface Become {
  readonly method: 'sudo' | 'su' | 'doas'
  readonly user: string
  readonly flags?: string
  readonly exe?: string
  /** Asked for when first needed; never on a command line. */
  readonly password?: () => Promise<string>
}

/** One script to run on a host. */
export interface ScriptRequest {
  readonly script: Script
  readonly become?: Become | undefined
  /** Environment of this script alone. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** What the script reads; undefined: /dev/null. */
  readonly stdin?: string | undefined
  readonly timeoutMs?: number | undefined
  /**
   * True: a look of ours, which leaves no process behind: it costs a fork. Otherwise the script gets a shell, a session
   * and a process group of its own, and what it leaves running cannot write into later answers.
   */
  readonly look?: boolean | undefined
  /** True: it acts, but leaves no process behind either, and costs what a look costs. */
  readonly light?: boolean | undefined
  /** True: runs only when the request before it, of the same user, went well; else nothing of it is done (`notRun`). */
  readonly after?: boolean | undefined
  /** Runs before the uploads are placed. */
  readonly prepare?: Script | undefined
  /**
   * Files that are placed before the script runs, as `put` does, on the same trip where they are small. Looks of the same run are told
   * in `MLOPS_ARRIVED` which of them were hashed on their way (`shell/arrived.ts`).
   */
  readonly uploads?: readonly Upload[] | undefined
  /** Called with output as it comes, for live views. */
  readonly onOutput?: ((chunk: string) => void) | undefined
}

/** What came back. `status` is the exit status; 128 + n for signal n; stdout and stderr are exact (UTF-8, invalid bytes replaced). */
export interface ScriptResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  readonly timedOut?: boolean
  /** It was to run `after` another one, which did not go well; the status is that one's. */
  readonly notRun?: boolean
}

/** Bytes to place on a host. `to` is absolute; the file is complete or absent afterwards, never half written. */
export interface Upload {
  readonly to: string
  /** Octal, such as 0o600. */
  readonly mode: number
  readonly content: Uint8Array | LocalContent
}

/** A file of the controller. With `sha1`, nothing else is placed than what has that SHA-1: it may change while it is sent. */
export interface LocalContent {
  readonly file: string
  readonly sizeBytes: number
  readonly sha1?: string | undefined
}

export interface ConnectionStats {
  roundTrips: number
  bytesSent: number
  bytesReceived: number
}

/**
 * The open line to a host. All methods reject with `ConnectionError` when the line or the privilege cannot be had;
 * a script that fails is a result, not an error.
 */
export interface Connection {
  readonly stats: Readonly<ConnectionStats>
  /**
   * Runs scripts one after the other, sent in one go: one round trip. Every request is answered, in order;
   * a syntax error in one does not touch the next. Frames of different users may overlap.
   */
  run(requests: readonly ScriptRequest[], signal?: AbortSignal): Promise<ScriptResult[]>
  /** Places files in one stream (small ones inside the frame). Missing parent directories are an error. */
  put(uploads: readonly Upload[], become?: Become, signal?: AbortSignal): Promise<void>
  /** Another set of shells over the same line, for work that goes on beside that of this one. It ends with the line. */
  lane?(): Connection
  /** Reads a file whole. Rejects with `connection.no-file` when it cannot be read. */
  get(path: string, become?: Become, signal?: AbortSignal): Promise<Uint8Array>
  /** Ends remote process groups that still run, then the line. Never rejects. */
  close(): Promise<void>
}

/** How a host is reached; opened once a run and host. */
export interface ConnectionTarget {
  readonly host: string
  readonly type: 'ssh' | 'local' | 'docker'
  readonly address: string
  readonly port?: number | undefined
  readonly user?: string | undefined
  readonly password?: (() => Promise<string>) | undefined
  readonly privateKeyFile?: string | undefined
  /** True: that key or nothing, whatever else the user's settings and agent have. */
  readonly onlyPrivateKey?: boolean | undefined
  readonly knownHostsFiles?: readonly string[] | undefined
  /** `ansible_ssh_common_args`, `ansible_ssh_extra_args` as words: the `-o` options that matter are honoured. */
  readonly sshArgs?: readonly string[] | undefined
  readonly hostKeyChecking: boolean
  readonly connectTimeoutMs: number
  /** The shell of the target, `/bin/sh` by default (`ansible_shell_executable`). */
  readonly shell?: string | undefined
}

export type OpenConnection = (target: ConnectionTarget, signal?: AbortSignal) => Promise<Connection>

/** Unreachable (`unreachable`), privilege refused (`become`), or line lost while working (`lost`). */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly kind: 'unreachable' | 'become' | 'lost' | 'no-file' | 'interrupted'
  readonly hint: string | undefined
  constructor(kind: ConnectionError['kind'], message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.hint = options.hint
  }
}

/** The name of who runs this program. Who has none, as in containers that run as any number, is called by the environment or the number. */
export function ownName(): string {
  try {
    return userInfo().username
  } catch {
    const { LOGNAME, USER } = process.env
    return LOGNAME || USER || String(process.geteuid?.() ?? '')
  }
}

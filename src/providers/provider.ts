import type { OpenConnection } from '../connection/connection.ts'
import type { Position } from '../errors.ts'
import type { Project, ProviderName } from '../project/project.ts'

/** A machine that a provider has made or was told of. */
export interface Server {
  readonly name: string
  readonly provider: ProviderName
  readonly address: string
  readonly port: number
  /** The login user. */
  readonly user: string
  /** `ssh-ed25519 AAAA…`; undefined: the user's own known_hosts decides. */
  readonly hostKey: string | undefined
  readonly privateKeyFile: string | undefined
  readonly image: string | undefined
  /** `unfinished`: it was started, but nobody has seen it ready. */
  readonly state: 'ready' | 'unfinished' | 'stopped'
  /** ISO 8601; undefined: the provider did not make it. */
  readonly createdAt: string | undefined
  /** How long it may take to log in where that is longer than usual. */
  readonly connectTimeoutSeconds?: number | undefined
  /** ISO 8601, when `provision --ttl` says that it may go; undefined: it stays. */
  readonly expiresAt?: string | undefined
  /** The size that a cloud charges for; undefined: nobody does. */
  readonly flavor?: string | undefined
}

/** Something that stands in the way of making servers. An `error` stops the command, a `warning` is shown. */
export interface Problem {
  /** Stable, such as `docker.no-engine`. */
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly hint: string
  /** Where `mlops.yml` asks for what cannot be had. */
  readonly at?: Position | undefined
}

export type ServerAction =
  | 'create'
  /** Half made by an interrupted run, never started: removed and made again. */
  | 'replace'
  /** It is stopped. */
  | 'start'
  /** Started by an interrupted run: wait until it is ready. */
  | 'finish'
  | 'keep'

/** What `create` would do for one server. */
export interface ServerPlan {
  readonly server: string
  readonly action: ServerAction
  readonly address: string
  /** What differs from `mlops.yml` and cannot be changed without making the server anew; undefined: nothing. */
  readonly differs?: string | undefined
  /** Name of the baked image that a new server begins with; undefined: the image that `mlops.yml` names. */
  readonly baked?: string | undefined
}

/** One thing that `destroy` would remove. */
export interface Removal {
  readonly kind: 'server' | 'volume' | 'network' | 'registry' | 'image' | 'floating-ip' | 'key-pair' | 'security-group'
  readonly name: string
  /** Tells things of one name apart; undefined: the name does. */
  readonly id?: string | undefined
  /** What a person should know before it goes. */
  readonly note?: string | undefined
}

export interface RemovalScope {
  /** Servers to remove; undefined: all of the project, and what they share. */
  readonly names?: readonly string[] | undefined
  /** Cached images as well. */
  readonly images?: boolean
}

/** How a long call says what it does. */
export interface Progress {
  /** A sentence about something that is done or begins, for people. */
  readonly onStep: (text: string) => void
  /** A line that a program on a server prints while we wait for it. */
  readonly onOutput?: (text: string) => void
  /** Something that did not go as it should, but does not stop us. */
  readonly onWarning: (text: string) => void
  readonly signal?: AbortSignal | undefined
}

/** What becomes of servers while they are made, for those who show it. */
export type ServerEvent =
  | { readonly type: 'authorized' }
  | { readonly type: 'creating'; readonly servers: readonly string[] }
  | { readonly type: 'state'; readonly server: string; readonly state: string }
  | { readonly type: 'active'; readonly server: string; readonly address: string }

/** What making servers needs beside a listener. */
export interface Work extends Progress {
  readonly open: OpenConnection
  readonly onServer?: ((event: ServerEvent) => void) | undefined
  /** ISO 8601; undefined: servers are made to stay, and a mark that they have is kept. */
  readonly expiresAt?: string | undefined
}

/** An image that `mlops bake` made of a server. */
export interface BakedImage {
  /** `PROJECT-SERVER-HASH` */
  readonly name: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly sizeBytes: number | undefined
}

/** Images of servers that are ready before they boot. */
export interface ServerImages {
  /** Names the image that `mlops.yml` gives a server, as it is now: another text when that image is another one. */
  base(server: string): Promise<string>
  /**
   * Makes an image of a server of this provider's project; the server is stopped for it, and not used again. The image is `owner`'s,
   * whose servers are then made with it (`ServerPlan.baked`). A name that exists is replaced once the new image is whole.
   */
  save(server: string, image: { readonly name: string; readonly owner: Project }, progress: Progress): Promise<void>
  /** The images of the provider's project. `removals({ images: true })` has them, too. */
  list(): Promise<readonly BakedImage[]>
  /** One that servers still need stays, with a warning. */
  remove(name: string, progress: Progress): Promise<void>
}

/** Makes servers and knows those that it made. */
export interface Provider {
  /** Whether its servers can be marked with a time when they may go. */
  readonly canExpire?: boolean
  /** Undefined: this provider has no images of its own (`static`). */
  readonly images?: ServerImages | undefined
  /** All obstacles at once; cheap, and true for making the servers of these names. */
  preflight(names: readonly string[], signal?: AbortSignal): Promise<readonly Problem[]>
  plan(names: readonly string[]): Promise<readonly ServerPlan[]>
  /** Carries plans out; a server is ready when it answers over SSH with the key that was pinned. */
  create(plans: readonly ServerPlan[], work: Work): Promise<void>
  /** The servers that there are, in the order of `mlops.yml`. */
  list(): Promise<readonly Server[]>
  removals(scope: RemovalScope): Promise<readonly Removal[]>
  destroy(removals: readonly Removal[], progress: Progress): Promise<void>
}

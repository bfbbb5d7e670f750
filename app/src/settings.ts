import { readFileSync } from 'node:fs'
import { PredictorError } from './errors.ts'

/** The models that this application can serve. */
export const modelNames = ['diabetes', 'american'] as const
export type ModelName = (typeof modelNames)[number]

/** What the environment says. Times are in milliseconds, sizes in bytes. */
export interface Settings {
  readonly models: readonly ModelName[]
  readonly host: string
  readonly port: number
  /** `undefined`: no RabbitMQ, the queue is inside this process. */
  readonly amqpUrl: string | undefined
  readonly queue: string
  /** How many jobs may wait in RabbitMQ before further ones are refused. */
  readonly queueLimit: number
  /** How many jobs a worker has in its hands at once. */
  readonly prefetch: number
  /** How many rows or texts are predicted at once, and how long a row may wait for others when there are many. */
  readonly batch: { readonly max: number; readonly waitMs: number }
  /** How often a job may fail, or end its worker, before it is put aside. */
  readonly maxAttempts: number
  /** The folder of the diabetes model. */
  readonly modelDir: string
  /** The folder of the model of American texts. */
  readonly americanDir: string
  /** A model to fetch when a worker starts, in place of the folder. */
  readonly modelUrl: { readonly url: string; readonly sha256: string } | undefined
  /** `undefined`: the only CSV file beside the model, else the packaged held-out rows. */
  readonly dataFile: string | undefined
  /** The packaged held-out rows. */
  readonly fallbackData: string
  readonly backend: 'auto' | 'cpu' | 'node'
  readonly rpcTimeoutMs: number
  readonly maxPending: number
  readonly maxBodyBytes: number
  readonly shutdownGraceMs: number
  /** How long a web that stops says so at `/healthz`, and still takes requests: until whoever sends them has seen it. */
  readonly drainMs: number
  /** How often a worker looks for a new release. */
  readonly reloadMs: number
  /** A file that the worker touches while it takes jobs: the health check of a container without a port. */
  readonly healthFile: string | undefined
  readonly version: string
  readonly logLevel: LogLevel
}

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** What comes with the application, for settings that are not given. */
export interface Packaged {
  readonly version: string
  readonly modelDir: string
  readonly heldOut: string
  readonly americanDir: string
}

/** Reads the settings; throws `settings.invalid` with every problem at once. */
export function readSettings(env: NodeJS.ProcessEnv, packaged: Packaged): Settings {
  const problems: string[] = []
  const read = reader(env, problems)
  const models = modelsOf(read.text('MODELS', modelNames.join(',')), problems)
  const onlyAmerican = models.length === 1 && models[0] === 'american'
  const batchMax = read.integer('BATCH_MAX', 32, 1, 10_000)
  const settings: Settings = {
    models,
    host: read.text('HOST', '127.0.0.1'),
    port: read.integer('PORT', onlyAmerican ? 5008 : 5100, 0, 65_535),
    amqpUrl: amqpUrl(env, problems),
    queue: read.text('QUEUE', 'mlops.predict'),
    queueLimit: read.integer('QUEUE_LIMIT', 10_000, 1, 10_000_000),
    prefetch: read.integer('PREFETCH', batchMax, 1, 10_000),
    batch: { max: batchMax, waitMs: read.integer('BATCH_WAIT_MS', 0, 0, 1000) },
    maxAttempts: read.integer('MAX_ATTEMPTS', 3, 2, 20),
    modelDir: read.text('MODEL_DIR', packaged.modelDir),
    americanDir: read.text('AMERICAN_MODEL_DIR', packaged.americanDir),
    modelUrl: modelUrl(env, problems),
    dataFile: env.DATA_FILE || undefined,
    fallbackData: packaged.heldOut,
    backend: read.oneOf('BACKEND', ['auto', 'cpu', 'node'] as const, 'auto'),
    rpcTimeoutMs: read.integer('RPC_TIMEOUT_MS', 10_000, 1, 600_000),
    maxPending: read.integer('MAX_PENDING', 1000, 1, 1_000_000),
    maxBodyBytes: read.integer('MAX_BODY', 1_048_576, 1, 1_073_741_824),
    shutdownGraceMs: read.integer('SHUTDOWN_GRACE_MS', 25_000, 0, 600_000),
    drainMs: read.integer('DRAIN_MS', 0, 0, 600_000),
    reloadMs: read.integer('RELOAD_MS', 100, 10, 600_000),
    healthFile: env.HEALTH_FILE || undefined,
    version: read.text('APP_VERSION', packaged.version),
    logLevel: read.oneOf('LOG_LEVEL', logLevels, 'info'),
  }
  if (problems.length > 0) throw new PredictorError('settings.invalid', problems.join('\n'))
  return settings
}

/** An AMQP URL that may be shown: without its password. */
export function withoutPassword(url: string): string {
  const shown = new URL(url)
  if (shown.password) shown.password = '***'
  return shown.href
}

function reader(env: NodeJS.ProcessEnv, problems: string[]) {
  // Compose passes `NAME=` for an unset variable: empty counts as not given.
  const text = (name: string, fallback: string) => env[name] || fallback
  return {
    text,
    integer(name: string, fallback: number, least: number, most: number): number {
      const given = text(name, String(fallback))
      const value = Number(given)
      if (/^\d+$/.test(given) && value >= least && value <= most) return value
      problems.push(`${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(given)}`)
      return fallback
    },
    oneOf<const T extends string>(name: string, allowed: readonly T[], fallback: T): T {
      const given = text(name, fallback)
      const found = allowed.find(value => value === given)
      if (found === undefined)
        problems.push(`${name} must be one of ${allowed.join(', ')}, not ${JSON.stringify(given)}`)
      return found ?? fallback
    },
  }
}

function modelsOf(given: string, problems: string[]): readonly ModelName[] {
  const names = given.split(',').map(name => name.trim())
  const found = modelNames.filter(name => names.includes(name))
  const unknown = names.filter(name => !found.some(known => known === name))
  if (unknown.length > 0) problems.push(`MODELS must name ${modelNames.join(' or ')}, not ${JSON.stringify(given)}`)
  return found
}

function modelUrl(env: NodeJS.ProcessEnv, problems: string[]): Settings['modelUrl'] {
  const [url, digest] = [env.MODEL_URL, env.MODEL_DIGEST]
  if (!url && !digest) return undefined
  const sha256 = /^(?:sha256:)?([0-9a-f]{64})$/i.exec(digest ?? '')?.[1]?.toLowerCase()
  // The URL may hold a key: it is never shown.
  if (!url || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    problems.push('MODEL_URL must be the http:// or https:// address of a model file')
  if (sha256 === undefined)
    problems.push('MODEL_DIGEST must be the SHA-256 of the file at MODEL_URL: sha256: and 64 hex digits')
  return url && sha256 ? { url, sha256 } : undefined
}

/** Where the broker is: from a URL, a file with a URL, or a host with the account that the broker itself was given. */
function amqpUrl(env: NodeJS.ProcessEnv, problems: string[]): string | undefined {
  const given = ['AMQP_URL', 'AMQP_URL_FILE', 'AMQP_HOST'].filter(name => env[name])
  if (given.length > 1) problems.push(`${given.join(' and ')} are both set: give one of them`)
  const url = env.AMQP_URL || urlInFile(env.AMQP_URL_FILE, problems) || urlOfHost(env, problems)
  if (!url) return undefined
  // The value is a secret: the problem is named, the value is not.
  if (!/^amqps?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    problems.push('AMQP_URL must look like amqp://user:password@host:5672/')
    return undefined
  }
  return url
}

function urlInFile(file: string | undefined, problems: string[]): string | undefined {
  if (!file) return undefined
  try {
    const url = readFileSync(file, 'utf8').trim()
    if (url === '') problems.push('AMQP_URL_FILE is empty: it must hold the URL of the broker')
    return url
  } catch (error) {
    problems.push(`AMQP_URL_FILE cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

function urlOfHost(env: NodeJS.ProcessEnv, problems: string[]): string | undefined {
  if (!env.AMQP_HOST) return undefined
  const [user, password] = [env.RABBITMQ_DEFAULT_USER, env.RABBITMQ_DEFAULT_PASS]
  if (user && password) return `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${env.AMQP_HOST}/`
  problems.push('AMQP_HOST needs RABBITMQ_DEFAULT_USER and RABBITMQ_DEFAULT_PASS beside it')
  return undefined
}

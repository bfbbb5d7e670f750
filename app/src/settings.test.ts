import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PredictorError } from './errors.ts'
import { readSettings, withoutPassword } from './settings.ts'

const packaged = { version: '1.2.3', modelDir: '/models', heldOut: '/data/held-out.csv', americanDir: '/american' }

function problemsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    readSettings(env, packaged)
  } catch (error) {
    if (error instanceof PredictorError) return error.message.split('\n')
    throw error
  }
  return []
}

test('an empty environment gives a server of this machine alone, with the queue inside', () => {
  const settings = readSettings({}, packaged)
  expect(settings).toMatchObject({
    host: '127.0.0.1',
    port: 5100,
    prefetch: 32,
    batch: { max: 32, waitMs: 0 },
    models: ['diabetes', 'american'],
    americanDir: '/american',
    rpcTimeoutMs: 10_000,
    modelDir: '/models',
  })
  expect(settings.amqpUrl).toBeUndefined()
  expect(settings.dataFile).toBeUndefined()
})

test('every wrong setting is named in one go, and a secret never', () => {
  const problems = problemsOf({
    PORT: '70000',
    PREFETCH: 'many',
    BACKEND: 'gpu',
    AMQP_URL: 'http://u:secret@h',
    LOG_LEVEL: 'x',
  })
  expect(problems).toEqual([
    'PORT must be a whole number from 0 to 65535, not "70000"',
    'AMQP_URL must look like amqp://user:password@host:5672/',
    'PREFETCH must be a whole number from 1 to 10000, not "many"',
    'BACKEND must be one of auto, cpu, node, not "gpu"',
    'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, not "x"',
  ])
})

test('a variable that is set to nothing counts as not given', () => {
  expect(readSettings({ PORT: '', AMQP_URL: '', DATA_FILE: '' }, packaged)).toMatchObject({ port: 5100 })
})

test('the URL of the broker can come from a file, but not from two places', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'app-settings-')), 'url')
  writeFileSync(file, 'amqp://u:p@rabbit:5672/\n')
  expect(readSettings({ AMQP_URL_FILE: file }, packaged).amqpUrl).toBe('amqp://u:p@rabbit:5672/')
  expect(problemsOf({ AMQP_URL_FILE: file, AMQP_URL: 'amqp://x' })).toEqual([
    'AMQP_URL and AMQP_URL_FILE are both set: give one of them',
  ])
  writeFileSync(file, '\n')
  expect(problemsOf({ AMQP_URL_FILE: file })).toEqual(['AMQP_URL_FILE is empty: it must hold the URL of the broker'])
  expect(problemsOf({ AMQP_URL_FILE: `${file}.missing` })[0]).toMatch(/^AMQP_URL_FILE cannot be read: ENOENT/)
})

test('the broker can be named by its host, with the account that the broker itself reads', () => {
  const env = { AMQP_HOST: 'rabbit:5673', RABBITMQ_DEFAULT_USER: 'app', RABBITMQ_DEFAULT_PASS: 'a/b@c' }
  expect(readSettings(env, packaged).amqpUrl).toBe('amqp://app:a%2Fb%40c@rabbit:5673/')
  expect(problemsOf({ AMQP_HOST: 'rabbit' })).toEqual([
    'AMQP_HOST needs RABBITMQ_DEFAULT_USER and RABBITMQ_DEFAULT_PASS beside it',
  ])
})

test('a URL is shown without its password', () => {
  expect(withoutPassword('amqp://app:secret@rabbit:5672/')).toBe('amqp://app:***@rabbit:5672/')
  expect(withoutPassword('amqp://rabbit/')).toBe('amqp://rabbit/')
})

test('the tweet API where it is served alone has its own port', () => {
  expect(readSettings({ MODELS: 'american' }, packaged)).toMatchObject({ models: ['american'], port: 5008 })
  expect(readSettings({ MODELS: 'american', PORT: '80' }, packaged).port).toBe(80)
  expect(readSettings({ MODELS: ' american, diabetes' }, packaged)).toMatchObject({
    models: ['diabetes', 'american'],
    port: 5100,
  })
  expect(problemsOf({ MODELS: 'tweets' })).toEqual(['MODELS must name diabetes or american, not "tweets"'])
})

test('a worker has a whole batch in its hands, or as much as is said', () => {
  expect(readSettings({ BATCH_MAX: '64' }, packaged)).toMatchObject({ batch: { max: 64 }, prefetch: 64 })
  expect(readSettings({ BATCH_MAX: '64', PREFETCH: '1' }, packaged).prefetch).toBe(1)
})

test('a model at an address needs its digest, and the address is not shown', () => {
  const digest = 'a'.repeat(64)
  const modelUrl = { url: 'https://models.example/m.json?key=secret', sha256: digest }
  for (const MODEL_DIGEST of [digest, `sha256:${digest}`])
    expect(readSettings({ MODEL_URL: modelUrl.url, MODEL_DIGEST }, packaged).modelUrl).toEqual(modelUrl)
  expect(problemsOf({ MODEL_URL: 'file:///secret' })).toEqual([
    'MODEL_URL must be the http:// or https:// address of a model file',
    'MODEL_DIGEST must be the SHA-256 of the file at MODEL_URL: sha256: and 64 hex digits',
  ])
})

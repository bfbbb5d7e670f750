import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PredictorError } from './errors.ts'
import { readSettings, withoutPassword } from './settings.ts'

const packaged = { version: '1.2.3', modelDir: '/models', heldOut: '/data/held-out.csv' }

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
    prefetch: 1,
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
    'PREFETCH must be a whole number from 1 to 1000, not "many"',
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

// The stacks that `predictor.mjs` compares: the predictor of this project, the lab's, and the broker of both.
import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { family } from './processes.mjs'

const root = new URL('..', import.meta.url).pathname
const lab = join(root, 'bench/lab-stack')
const scratch = mkdtempSync(join(tmpdir(), 'mlops-bench-'))
const started = []

// The lab's seven rows and a Keras model in the lab's own layout, for all.
const table = join(root, 'app/data/pima-lab-7.csv')
const model = join(scratch, 'model')
mkdirSync(model)
copyFileSync(join(root, 'app/fixtures/keras/a.keras2.json'), join(model, 'model.json'))
copyFileSync(join(root, 'app/fixtures/keras/a.keras2.h5'), join(model, 'model.h5'))

/** The broker of the predictor's own tests. */
export async function startBroker() {
  const source = readFileSync(join(root, 'app/src/testing/rabbitmq.ts'), 'utf8')
  const { code } = transformSync(source, { loader: 'ts', format: 'esm' })
  const { startRabbit } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  const before = new Set(family(process.pid).map(each => each.pid))
  const rabbit = await startRabbit()
  started.unshift(() => rabbit.remove())
  const pid = family(process.pid).find(each => each.parent === process.pid && !before.has(each.pid)).pid
  return { url: rabbit.url, pid }
}

const american = join(scratch, 'american')
const pickle = join(scratch, 'american.pickle')
const program = join(root, 'app/dist/main.js')

/** Trains both models of American texts on the same rows, once. */
export function train() {
  const rows = join(root, 'app/data/american/train.csv')
  execFileSync(process.execPath, [program, 'train', 'american', '--data', rows, '--model-dir', american])
  execFileSync('/usr/bin/python3', ['american.py', 'train', rows, pickle], { cwd: lab })
}

/** Web and one worker, each a process. */
export async function startOurs(broker) {
  const port = await freePort()
  const env = { ...ours(port), AMQP_URL: broker.url, MODEL_DIR: model, DATA_FILE: table }
  const parts = {
    web: start(process.execPath, [program, 'web'], env),
    worker: start(process.execPath, [program, 'worker'], env),
  }
  return { name: 'mlops', port, serves: ['rows', 'texts'], ...parts }
}

/** Web, worker and queue in one process, which serves texts alone: as in a pod. */
export async function startOneProcess() {
  const port = await freePort()
  const web = start(process.execPath, [program, 'all'], { ...ours(port), SERVED_MODELS: 'american' })
  return { name: 'mlops, one process', port, serves: ['texts'], web }
}

function ours(port) {
  return { LOG_LEVEL: 'warn', NODE_ENV: 'production', PORT: String(port), AMERICAN_MODEL_DIR: american }
}

/** The lab's web and worker. */
export async function startLab(broker, name, { web, concurrency, cache }) {
  const port = await freePort()
  const env = {
    ...python(port),
    BROKER_URL: broker.url,
    QUEUE: name.replace(/\W+/g, '-'),
    MODEL: join(model, 'model'),
    DATA_FILE: table,
    CACHE: cache ? 'yes' : 'no',
  }
  const queue = ['--concurrency', concurrency, '-n', `${env.QUEUE}@bench`, '-Q', env.QUEUE].map(String)
  const worker = start('/usr/bin/celery', ['-A', 'jobs', 'worker', '--loglevel=warning', ...queue], env, lab)
  return { name, port, serves: ['rows'], web: start(...web(port), env, lab), worker }
}

/** The tweet brief's service. */
export async function startBrief(name, web) {
  const port = await freePort()
  return { name, port, serves: ['texts'], web: start(...web(port), { ...python(port), PICKLE: pickle }, lab) }
}

function python(port) {
  return { PORT: String(port), OPENBLAS_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' }
}

/** Milliseconds from now until it predicts. */
export async function ready({ name, port, serves }) {
  const began = performance.now()
  const [path, body] = serves.includes('rows') ? ['/accuracy', ''] : ['/api/american', '{"text": "new york"}']
  const headers = { 'content-type': 'application/json' }
  while (performance.now() - began < 120_000) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      signal: AbortSignal.timeout(10_000),
      ...(body ? { headers, body } : {}),
    }).catch(() => undefined)
    if (answer?.status === 200) return (await answer.text()) && performance.now() - began
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  throw new Error(`${name} did not answer within two minutes`)
}

/** Ends what one stack started. */
export async function end({ web, worker }) {
  for (const { end } of [web, worker].filter(Boolean)) await end()
}

/** Ends all, the last first, and removes what they wrote. */
export async function stop() {
  for (const end of started.splice(0).reverse()) await end()
  rmSync(scratch, { recursive: true, force: true })
}

/** Ends all, and the program. */
export function fail(message) {
  process.stderr.write(`${message}\n`)
  stop().then(() => process.exit(1))
}
/** Starts a program; what it says is shown only when it ends by itself. */
function start(file, args, env, cwd = scratch) {
  const said = []
  const child = spawn(file, args, {
    cwd,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => said.push(String(chunk).slice(0, 2000)) > 50 && said.shift())
  const ended = new Promise(resolve => child.on('exit', resolve))
  let wanted = true
  child.on('exit', status => wanted && fail(`${file} ${args.join(' ')} ended with ${status}:\n${said.join('')}`))
  const end = async () => {
    wanted = false
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
    await ended
    clearTimeout(late)
  }
  started.push(end)
  return { pid: child.pid, end }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => probe.once('listening', resolve))
  const { port } = probe.address()
  await new Promise(resolve => probe.close(resolve))
  return port
}

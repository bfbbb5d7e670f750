// The predictor beside the lab's stack (Flask, Celery, RabbitMQ of Debian), on this machine's loopback: answers a second, latency, processor time, memory.
//   apt-get install rabbitmq-server python3-flask celery gunicorn python3-numpy python3-h5py; npm run build
//   node bench/predictor.mjs [--rounds 5] [--seconds 3] [--json]
// All stacks run at once, beside one broker; rounds take turns, so that what else the machine does meets all of them.
import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { transformSync } from 'esbuild'
import { load } from './http-load.mjs'
import { cpuMs, family, memoryMb } from './processes.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
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

const json = { 'content-type': 'application/json' }
const row = [6, 148, 72, 35, 0, 33.6, 0.627, 50]
const cases = [
  { name: 'GET /', method: 'GET', path: '/', all: true },
  { name: 'POST /accuracy', method: 'POST', path: '/accuracy', all: true },
  { name: 'POST /predictions', method: 'POST', path: '/predictions', all: true },
  {
    name: 'POST /api/predict, one row',
    method: 'POST',
    path: '/api/predict',
    headers: json,
    body: JSON.stringify({ row }),
  },
  {
    name: 'POST /api/american',
    method: 'POST',
    path: '/api/american',
    headers: json,
    body: '{"text": "#covid19 new york"}',
  },
]

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
  started.push(async () => {
    wanted = false
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
    await ended
    clearTimeout(late)
  })
  return child.pid
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => probe.once('listening', resolve))
  const { port } = probe.address()
  await new Promise(resolve => probe.close(resolve))
  return port
}

/** The broker of the predictor's own tests. */
async function startBroker() {
  const source = readFileSync(join(root, 'app/src/testing/rabbitmq.ts'), 'utf8')
  const { code } = transformSync(source, { loader: 'ts', format: 'esm' })
  const { startRabbit } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  const before = new Set(family(process.pid).map(each => each.pid))
  const rabbit = await startRabbit()
  started.unshift(() => rabbit.remove())
  const pid = family(process.pid).find(each => each.parent === process.pid && !before.has(each.pid)).pid
  return { url: rabbit.url, pid }
}

async function startOurs(broker) {
  const port = await freePort()
  const american = join(scratch, 'american')
  const program = join(root, 'app/dist/main.js')
  execFileSync(process.execPath, [
    program,
    'train',
    'american',
    '--data',
    join(root, 'app/data/american/train.csv'),
    '--model-dir',
    american,
  ])
  const env = {
    AMQP_URL: broker.url,
    LOG_LEVEL: 'warn',
    NODE_ENV: 'production',
    PORT: String(port),
    MODEL_DIR: model,
    AMERICAN_MODEL_DIR: american,
    DATA_FILE: table,
  }
  return {
    name: 'mlops',
    port,
    web: start(process.execPath, [program, 'web'], env),
    worker: start(process.execPath, [program, 'worker'], env),
  }
}

async function startLab(broker, name, { web, concurrency, cache }) {
  const port = await freePort()
  const env = {
    BROKER_URL: broker.url,
    QUEUE: name.replace(/\W+/g, '-'),
    PORT: String(port),
    MODEL: join(model, 'model'),
    DATA_FILE: table,
    CACHE: cache ? 'yes' : 'no',
    OPENBLAS_NUM_THREADS: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  }
  const worker = start(
    '/usr/bin/celery',
    [
      '-A',
      'jobs',
      'worker',
      '--loglevel=warning',
      `--concurrency=${concurrency}`,
      '-n',
      `${env.QUEUE}@bench`,
      '-Q',
      env.QUEUE,
    ],
    env,
    lab,
  )
  return { name, port, web: start(web(port)[0], web(port).slice(1), env, lab), worker }
}

async function ready({ name, port }) {
  const began = performance.now()
  while (performance.now() - began < 120_000) {
    const answer = await fetch(`http://127.0.0.1:${port}/accuracy`, {
      method: 'POST',
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined)
    if (answer?.status === 200) return /<h1>.*<\/h1>/.exec(await answer.text())?.[0]
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`${name} did not answer within two minutes`)
}

async function measure(stacks, broker) {
  const found = []
  for (let round = -1; round < rounds; round++) {
    for (const each of cases) {
      for (const connections of [1, 16]) {
        for (const stack of each.all ? stacks : stacks.slice(0, 1)) {
          const parts = [broker.pid, stack.web, stack.worker]
          const before = parts.map(cpuMs)
          // The first round warms all up, and is not counted.
          const result = await load({ port: stack.port, ...each }, { connections, seconds: round < 0 ? 0.5 : seconds })
          const cpu = parts.map((pid, i) => cpuMs(pid) - before[i])
          if (round < 0) continue
          found.push({ stack: stack.name, route: each.name, connections, cpu, ...result })
        }
      }
    }
    process.stderr.write(round < 0 ? 'warm\n' : `round ${round + 1} of ${rounds}\n`)
  }
  return found
}

function summary(results) {
  const ms = results.flatMap(result => result.ms).sort((a, b) => a - b)
  const at = share => ms[Math.max(0, Math.ceil(share * ms.length) - 1)]
  const rates = results.map(result => result.ms.length / result.seconds).sort((a, b) => a - b)
  const cpu = [0, 1, 2].map(i => results.reduce((sum, result) => sum + result.cpu[i], 0) / ms.length)
  const failed = results.flatMap(result => Object.values(result.failures)).reduce((sum, count) => sum + count, 0)
  return { perSecond: rates[Math.floor(rates.length / 2)], p50: at(0.5), p99: at(0.99), cpu, failed }
}

function show(stacks, found, memory, broker) {
  const rows = [
    [
      'route',
      'conn.',
      'stack',
      'req/s',
      'p50 ms',
      'p99 ms',
      'CPU ms/req',
      '= broker + web + worker',
      'failed',
      'req/s: mlops / it',
    ],
  ]
  for (const { name } of cases)
    for (const connections of [1, 16]) {
      const of = stack =>
        found.filter(each => each.stack === stack && each.route === name && each.connections === connections)
      const ours = summary(of('mlops'))
      for (const stack of stacks) {
        if (of(stack.name).length === 0) continue
        const { perSecond, p50, p99, cpu, failed } = summary(of(stack.name))
        const total = cpu.reduce((a, b) => a + b)
        const ratio = stack.name === 'mlops' ? '' : (ours.perSecond / perSecond).toFixed(1)
        rows.push([
          name,
          connections,
          stack.name,
          perSecond.toFixed(perSecond < 100 ? 1 : 0),
          p50.toFixed(2),
          p99.toFixed(1),
          total.toFixed(2),
          cpu.map(each => each.toFixed(2)).join(' + '),
          failed,
          ratio,
        ])
      }
    }
  const cells = rows.map(cells => cells.map(String))
  const line = cells => `| ${cells.join(' | ')} |`
  process.stdout.write(
    `${[line(cells[0]), `|${cells[0].map((_, i) => (i === 0 || i === 2 ? ' --- ' : ' ---: ')).join('|')}|`, ...cells.slice(1).map(line)].join('\n')}\n\n`,
  )
  process.stdout.write('| memory: RSS (PSS), MB | web | worker |\n| --- | ---: | ---: |\n')
  for (const { stack, web, worker } of memory)
    process.stdout.write(`| ${stack} | ${megabytes(web)} | ${megabytes(worker)} |\n`)
  process.stdout.write(`| the broker, for all | ${megabytes(memoryMb(broker.pid))} | |\n\n`)
}

const megabytes = ({ rss, pss }) => `${rss.toFixed(0)} (${pss.toFixed(0)})`

async function stop() {
  for (const end of started.splice(0).reverse()) await end()
  rmSync(scratch, { recursive: true, force: true })
}
function fail(message) {
  process.stderr.write(`${message}\n`)
  stop().then(() => process.exit(1))
}
process.on('SIGINT', () => fail('stopped'))
process.on('SIGTERM', () => fail('stopped'))

try {
  const began = loadavg()[0]
  const broker = await startBroker()
  const stacks = [
    await startOurs(broker),
    await startLab(broker, 'lab', { web: () => ['/usr/bin/python3', 'app.py'], concurrency: 1, cache: false }),
    await startLab(broker, 'lab, tuned', {
      web: port => [
        '/usr/bin/gunicorn',
        '--workers',
        '4',
        '--bind',
        `127.0.0.1:${port}`,
        '--log-level',
        'warning',
        'app:app',
      ],
      concurrency: 3,
      cache: true,
    }),
  ]
  for (const stack of stacks) process.stderr.write(`${stack.name}: ${await ready(stack)}\n`)
  const found = await measure(stacks, broker)
  const memory = stacks.map(({ name, web, worker }) => ({ stack: name, web: memoryMb(web), worker: memoryMb(worker) }))
  if (values.json)
    process.stdout.write(
      `${JSON.stringify({ found: found.map(({ ms, ...rest }) => ({ ...rest, answers: ms.length })), memory })}\n`,
    )
  else show(stacks, found, memory, broker)
  const said = (file, ...args) => execFileSync(file, args, { encoding: 'utf8' }).trim()
  process.stderr.write(
    `${cpus().length} × ${cpus()[0].model}, ${(totalmem() / 2 ** 30).toFixed(0)} GB, ${said('uname', '-sr')}, Node ${process.version}, ` +
      `${said('/usr/bin/python3', '--version')}, load average ${began.toFixed(1)} before and ${loadavg()[0].toFixed(1)} after; ${rounds} rounds of ${seconds} s\n`,
  )
} finally {
  await stop()
}

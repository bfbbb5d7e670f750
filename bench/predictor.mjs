// The predictor beside the lab's stack (Flask, Celery, RabbitMQ of Debian) and the tweet brief's (Flask, scikit-learn), on this machine's loopback:
// time until the first answer, answers a second, latency, processor time, memory.
//   apt-get install rabbitmq-server python3-flask celery gunicorn python3-numpy python3-h5py python3-sklearn; npm run build
//   node bench/predictor.mjs [--rounds 5] [--seconds 3] [--json]
// All stacks run at once, beside one broker; rounds take turns, so that what else the machine does meets all of them.
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { load } from './http-load.mjs'
import { cpuMs, memoryMb } from './processes.mjs'
import {
  end,
  fail,
  ready,
  startBrief,
  startBroker,
  startLab,
  startOneProcess,
  startOurs,
  stop,
  train,
} from './stacks.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const json = { 'content-type': 'application/json' }
const row = [6, 148, 72, 35, 0, 33.6, 0.627, 50]
const cases = [
  { name: 'GET /', method: 'GET', path: '/', asks: 'rows' },
  { name: 'POST /accuracy', method: 'POST', path: '/accuracy', asks: 'rows' },
  { name: 'POST /predictions', method: 'POST', path: '/predictions', asks: 'rows' },
  {
    name: 'POST /api/predict, one row',
    method: 'POST',
    path: '/api/predict',
    headers: json,
    body: JSON.stringify({ row }),
    asks: 'one row',
  },
  {
    name: 'POST /api/american',
    method: 'POST',
    path: '/api/american',
    headers: json,
    body: '{"text": "#covid19 new york"}',
    asks: 'texts',
  },
]

const gunicorn = app => port => [
  '/usr/bin/gunicorn',
  ['--workers', '4', '--bind', `127.0.0.1:${port}`, '--log-level', 'warning', app],
]
const flask = file => () => ['/usr/bin/python3', [file]]
const kinds = [
  startOurs,
  broker => startLab(broker, 'lab', { web: flask('app.py'), concurrency: 1, cache: false }),
  broker => startLab(broker, 'lab, tuned', { web: gunicorn('app:app'), concurrency: 3, cache: true }),
  startOneProcess,
  () => startBrief('brief', flask('american.py')),
  () => startBrief('brief, tuned', gunicorn('american:make()')),
]

/** Milliseconds from nothing but the broker to the first prediction, of each stack: the median. */
async function measureStarts(broker) {
  const found = {}
  for (let round = 0; round < rounds; round++)
    for (const start of kinds) {
      const began = performance.now()
      const stack = await start(broker)
      await ready(stack)
      found[stack.name] = [...(found[stack.name] ?? []), performance.now() - began]
      await end(stack)
    }
  return Object.fromEntries(
    Object.entries(found).map(([name, all]) => [name, all.sort((a, b) => a - b)[Math.floor(all.length / 2)]]),
  )
}

async function measure(stacks, broker) {
  const found = []
  for (let round = -1; round < rounds; round++) {
    for (const each of cases) {
      for (const connections of [1, 16]) {
        for (const stack of stacks.filter(({ name, serves }) => serves.includes(each.asks) || name === 'mlops')) {
          const parts = [broker.pid, stack.web.pid, stack.worker?.pid]
          const before = parts.map(pid => (pid ? cpuMs(pid) : 0))
          // The first round warms all up, and is not counted.
          const result = await load({ port: stack.port, ...each }, { connections, seconds: round < 0 ? 0.5 : seconds })
          const cpu = parts.map((pid, i) => (pid ? cpuMs(pid) : 0) - before[i])
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
  process.stdout.write(
    '| | memory of web, RSS (PSS), MB | of the worker | start to first prediction, ms |\n| --- | ---: | ---: | ---: |\n',
  )
  for (const { stack, web, worker, start } of memory)
    process.stdout.write(
      `| ${stack} | ${megabytes(web)} | ${worker ? megabytes(worker) : ''} | ${start.toFixed(0)} |\n`,
    )
  process.stdout.write(`| the broker, for all | ${megabytes(memoryMb(broker.pid))} | | |\n\n`)
}

const megabytes = ({ rss, pss }) => `${rss.toFixed(0)} (${pss.toFixed(0)})`

process.on('SIGINT', () => fail('stopped'))
process.on('SIGTERM', () => fail('stopped'))

try {
  const began = loadavg()[0]
  const broker = await startBroker()
  train()
  const starts = await measureStarts(broker)
  const stacks = []
  for (const start of kinds) {
    stacks.push(await start(broker))
    await ready(stacks.at(-1))
  }
  const found = await measure(stacks, broker)
  const memory = stacks.map(({ name, web, worker }) => ({
    stack: name,
    web: memoryMb(web.pid),
    ...(worker ? { worker: memoryMb(worker.pid) } : {}),
    start: starts[name],
  }))
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

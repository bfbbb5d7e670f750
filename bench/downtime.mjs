// Everything that changes a running application, under a constant load: a delivery, new code, more and fewer workers, both rollbacks, a restart of the broker.
//   cd PROJECT; node …/bench/downtime.mjs [--rate 500] [--requests 30000] [--report FILE] [--json]
// The project runs already (mlops provision, mlops play). What was live before is live afterwards. Exit status 2: a request failed,
// or an answer was of two models.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { buildSync } from 'esbuild'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '500' },
    requests: { type: 'string', default: '30000' },
    report: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const root = new URL('..', import.meta.url).pathname
const { probeAtRate, summarise, page, rows } = await fromSource(
  `export * from './src/measure/prober.ts'; export * from './src/measure/summary.ts'; export * from './src/measure/page.ts'; export * from './src/measure/text.ts'`,
)

async function fromSource(contents) {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  return await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`)
}

/** Runs `mlops` in the project; what it said, or an error with that. */
function mlops(...args) {
  const child = spawn(process.execPath, [`${root}bin/mlops`, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => said.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('close', status => {
      const text = Buffer.concat(said).toString('utf8')
      if (status === 0) resolve(text)
      else reject(new Error(`mlops ${args.join(' ')} ended with ${status}:\n${text}`))
    })
  })
}

/** Each body that a model answers with must be the same, and agree with itself: else it was made of two. */
function judge() {
  const bodies = new Map()
  const mixed = []
  return {
    mixed,
    models: () => [...new Set(bodies.values())],
    /** Gives the release of an answer. */
    release({ body, headers }) {
      const known = bodies.get(body)
      if (known !== undefined) return known
      const { y, predicted, probability, accuracy, model } = JSON.parse(body)
      const right = y.filter((label, i) => label === predicted[i]).length
      const wrong = [
        [headers['x-model'] === model.id, 'the header names another model'],
        [
          [predicted.length, probability.length, model.rows].every(count => count === y.length),
          'the lists are not of one length',
        ],
        [
          predicted.every((label, i) => label === Number(probability[i] > 0.5)),
          'a label is not that of its probability',
        ],
        [Math.abs(accuracy - (100 * right) / y.length) < 1e-4, 'the accuracy is not that of the predictions'],
        [accuracy === model.accuracy, 'the accuracy is not that of the model'],
        [![...bodies.values()].includes(model.id), 'the same model answered otherwise before'],
      ].flatMap(([good, problem]) => (good ? [] : [`${model.id}: ${problem}`]))
      mixed.push(...wrong)
      bodies.set(body, model.id)
      return model.id
    },
  }
}

const { services, servers, project } = JSON.parse(await mlops('status', '--json'))
const web = services.find(service => service.name === 'web')
const workers = services.find(service => service.name === 'worker').running
const broker = services.find(service => service.name === 'rabbit').containers[0].name
const address = servers.find(server => server.name === web.server).address
const image = web.image
const onServer = text => mlops('run', web.server, '-b', '-m', 'shell', '-a', text)

const steps = [
  [
    'deliver a model by git push',
    () => mlops('deliver', 'diabetes', '--force-model', '--', '--epochs', '5', '--seed', String(Date.now() % 1e6)),
  ],
  ['deploy new code', () => mlops('deploy', '--version', 'bench')],
  ['roll the code back', () => mlops('rollback')],
  ['scale worker 1 → 3', () => mlops('scale', 'worker=3')],
  [
    'deliver to three workers',
    () =>
      mlops('deliver', 'diabetes', '--force-model', '--', '--epochs', '5', '--seed', String((Date.now() + 1) % 1e6)),
  ],
  ['scale worker 3 → 1', () => mlops('scale', 'worker=1')],
  ['roll the model back', () => mlops('model', 'rollback', 'diabetes')],
  ['restart the broker', () => onServer(`docker restart ${broker}`)],
]

// The same code in another image: it differs by a label.
await onServer(`printf 'FROM ${image}\\nLABEL bench=${Date.now()}\\n' | docker build -q -t predictor:bench -`)
if (workers !== 1) await mlops('scale', 'worker=1')
const before = JSON.parse(await mlops('model', 'list', '--json')).find(
  release => release.model === 'diabetes' && release.role === 'current',
)

const judged = judge()
const marks = []
const ended = new AbortController()
let answered = 0
let acted = false
const seen = () => {
  if (++answered >= Number(values.requests) && acted) ended.abort()
}
const began = performance.now()
const at = () => performance.now() - began
const samples = probeAtRate(
  {
    url: new URL(`http://${address}:5100/predictions`),
    method: 'POST',
    headers: { accept: 'application/json' },
    body: undefined,
    ratePerSecond: Number(values.rate),
    timeoutMs: 60_000,
    version: judged.release,
  },
  { signal: ended.signal, seen },
)
const errors = []
for (const [what, work] of steps) {
  await new Promise(resolve => setTimeout(resolve, 1000))
  const from = at()
  marks.push({ at: from, what })
  await work().catch(error => errors.push(error.message))
  marks.push({ at: at(), what: `${what}: done` })
  process.stderr.write(`${(from / 1000).toFixed(1)} s  ${what}: ${((at() - from) / 1000).toFixed(1)} s\n`)
}
acted = true
if (answered >= Number(values.requests)) setTimeout(() => ended.abort(), 1000)
const all = await samples
const summary = summarise(all)
// While the broker is away requests wait for it: what the other changes cost shows without that.
const restart = marks.find(mark => mark.what === 'restart the broker')?.at ?? Number.POSITIVE_INFINITY
const { latency: undisturbed } = summarise(all.filter(sample => sample.due < restart))

await mlops('model', 'rollback', 'diabetes', '--to', before.id)
if (workers !== 1) await mlops('scale', `worker=${workers}`)

const title = `${values.rate} requests a second while ${project} changes`
if (values.report) writeFileSync(values.report, page(title, { samples: all, summary, marks }))
if (values.json)
  process.stdout.write(
    `${JSON.stringify({ ...summary, beforeBroker: undisturbed, mixed: judged.mixed, errors, marks }, null, 2)}\n`,
  )
else
  for (const [name, value] of [
    ...rows(summary),
    ['models', judged.models().join(', ')],
    ['mixed answers', judged.mixed.length],
    ...['p50', 'p90', 'p99', 'max'].map(name => [
      `${name} before the broker restarted`,
      `${undisturbed[name].toFixed(1)} ms`,
    ]),
  ])
    process.stdout.write(`${String(name).padEnd(33)}${value}\n`)
for (const problem of [...judged.mixed, ...errors]) process.stderr.write(`${problem}\n`)
process.exitCode = summary.failed > 0 || judged.mixed.length > 0 || errors.length > 0 ? 2 : 0

import { fileURLToPath } from 'node:url'
import { messageOf, PredictorError } from './errors.ts'
import { sickness } from './health.ts'
import type { Service } from './service.ts'
import { readSettings, type Settings } from './settings.ts'
import type { Output } from './training/output.ts'

// Written in by the bundler, from package.json.
declare const PREDICTOR_VERSION: string | undefined

const usage = `Usage: main.js [web | worker | all | train | gate | jobs | health]

  all      web and worker in one process (default); the queue is RabbitMQ when AMQP_URL is set, else inside
  web      the pages and the API on HOST:PORT
  worker   takes jobs and answers them with the model in MODEL_DIR
  gate     judges a model before it goes live: main.js gate --help
  train    trains a model: main.js train [diabetes | american] --help
  jobs     the queue as JSON, with the jobs that were put aside; jobs retry, jobs purge
  health   exit status 0 when the service in this container is well
`

async function main([command = 'all', ...args]: readonly string[]): Promise<void> {
  switch (command) {
    case 'web':
    case 'worker':
    case 'all':
      return await serve(command)
    case 'train':
      return await runTraining(args)
    case 'gate':
      return await runGate(args)
    case 'jobs':
      return await runJobs(args)
    case 'health':
      return await reportHealth()
    case '--version':
      return say(version())
    case 'help':
    case '--help':
    case '-h':
      return say(usage.trimEnd())
    default:
      throw new PredictorError('usage', `there is no command ${JSON.stringify(command)}`, { hint: usage.trimEnd() })
  }
}

async function serve(role: 'web' | 'worker' | 'all'): Promise<void> {
  const configured = settings()
  let service: Service | undefined
  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    // Whoever signals twice does not want to wait; and what has not started has nothing to finish.
    if (stopping || service === undefined) process.exit(signal === 'SIGINT' ? 130 : 143)
    stopping = true
    setTimeout(() => process.exit(1), configured.shutdownGraceMs).unref()
    service.stop().then(
      () => process.exit(0),
      error => fail(error),
    )
  }
  // From the beginning: the first process of a container is not ended by signals that it does not take.
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  const { startService } = await import('./service.ts')
  service = await startService(role, configured)
}

async function runTraining([first = '', ...rest]: readonly string[]): Promise<void> {
  const named = !first.startsWith('-') && first !== ''
  const [name, args] = named ? [first, rest] : ['diabetes', [first, ...rest].filter(Boolean)]
  const wantsHelp = args.includes('--help') || args.includes('-h')
  if (name === 'american') {
    const { americanUsage, trainAmerican } = await import('./training/american-command.ts')
    if (wantsHelp) return say(americanUsage.trimEnd())
    const { americanDir, version } = settings()
    const data = packaged('data/american/train.csv')
    return await trainAmerican(args, { data, modelDir: americanDir, version }, trainingOutput())
  }
  const { trainCommand, trainUsage } = await import('./training/command.ts')
  if (name !== 'diabetes')
    throw new PredictorError('usage', `there is no model ${JSON.stringify(name)}: train diabetes, or american`)
  if (wantsHelp) return say(trainUsage.trimEnd())
  const { modelDir, backend } = settings()
  await trainCommand(args, { data: packaged('data/pima-indians-diabetes.csv'), modelDir, backend }, trainingOutput())
}

function trainingOutput(): Output {
  const tty = process.stdout.isTTY
  let shown = 0
  return {
    line: say,
    progress(text, done) {
      // A terminal sees every epoch in one line; a log sees one line a second.
      if (tty) process.stdout.write(`\r\x1b[K${text}${done ? '\n' : ''}`)
      else if (done || Date.now() - shown >= 1000) {
        shown = Date.now()
        say(text)
      }
    },
  }
}

async function runGate(args: readonly string[]): Promise<void> {
  const { gateCommand, gateUsage } = await import('./gate/command.ts')
  if (args.includes('--help') || args.includes('-h')) return say(gateUsage.trimEnd())
  const { backend, version } = settings()
  process.exitCode = await gateCommand(args, { backend, version }, say)
}

async function runJobs([what = 'list']: readonly string[]): Promise<void> {
  const { amqpUrl: url, queue } = settings()
  if (url === undefined)
    throw new PredictorError(
      'settings.invalid',
      'without a broker no jobs are put aside: AMQP_URL, AMQP_URL_FILE or AMQP_HOST',
    )
  const { deadJobs } = await import('./broker/dead-jobs.ts')
  const jobs = await deadJobs({ url, queue }).catch(error => {
    throw new PredictorError('broker.away', `the broker cannot be reached: ${messageOf(error)}`)
  })
  try {
    if (what === 'retry') say(JSON.stringify({ retried: await jobs.retry() }))
    else if (what === 'purge') say(JSON.stringify({ purged: await jobs.purge() }))
    else if (what === 'list') say(JSON.stringify({ ...(await jobs.counts()), jobs: await jobs.list(100) }))
    else throw new PredictorError('usage', `there is no jobs ${what}: list, retry or purge`)
  } finally {
    await jobs.close()
  }
}

async function reportHealth(): Promise<void> {
  const problem = await sickness(settings())
  if (problem === undefined) return
  process.stderr.write(`${problem}\n`)
  process.exitCode = 1
}

function settings(): Settings {
  return readSettings(process.env, {
    version: version(),
    modelDir: packaged('models/diabetes'),
    heldOut: packaged('data/held-out.csv'),
    americanDir: packaged('models/american'),
  })
}

/** A file of the package: the bundle and the sources both lie one folder below it. */
function packaged(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url))
}

function version(): string {
  return typeof PREDICTOR_VERSION === 'string' ? PREDICTOR_VERSION : '0.0.0'
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function fail(error: unknown): never {
  const known = error instanceof PredictorError
  process.stderr.write(
    `error: ${known || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message)}\n`,
  )
  if (known && error.hint) process.stderr.write(`hint: ${error.hint}\n`)
  process.exit(1)
}

main(process.argv.slice(2)).catch(fail)

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Operations } from './operation-routes.ts'
import type { Asked } from './predictor.ts'

/** What is counted, in the text format of Prometheus. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  request(seen: { method: string; route: string; status: number; seconds: number }): void
  job(asked: Asked): void
}

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function metrics({ requester, predictor, version, models }: Omit<Operations, 'metrics'>): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'predictor_http_requests_total',
    help: 'Answered HTTP requests',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const latency = new Histogram({
    name: 'predictor_http_request_seconds',
    help: 'Time to answer an HTTP request',
    labelNames: ['route'],
    buckets,
    registers,
  })
  const jobs = new Counter({
    name: 'predictor_jobs_total',
    help: 'Jobs by outcome: answered, or the code of the error',
    labelNames: ['outcome'],
    registers,
  })
  const jobTime = new Histogram({
    name: 'predictor_job_seconds',
    help: 'Time from asking to the answer of a worker',
    buckets,
    registers,
  })
  const batches = new Histogram({
    name: 'predictor_batch_jobs',
    help: 'How many jobs a worker did in one go, as each of them was told',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers,
  })
  new Gauge({ name: 'predictor_info', help: 'The version of the application', labelNames: ['version'], registers }).set(
    { version },
    1,
  )
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge('predictor_jobs_pending', 'Jobs of this process that wait for an answer', () => requester.pending)
  gauge(
    'predictor_broker_reconnects_total',
    'How often the broker was lost and found again',
    () => requester.reconnects,
  )
  gauge('predictor_stray_replies_total', 'Answers that nobody waited for any longer', () => requester.strays)
  const up = new Gauge({ name: 'predictor_broker_up', help: '1 when the broker answers', registers })
  const messages = new Gauge({ name: 'predictor_queue_messages', help: 'Jobs that wait for a worker', registers })
  const consumers = new Gauge({ name: 'predictor_queue_consumers', help: 'Workers that take jobs', registers })
  const deadJobs = new Gauge({ name: 'predictor_dead_jobs', help: 'Jobs that were put aside', registers })
  const modelInfo = new Gauge({
    name: 'predictor_model_info',
    help: 'The model that answers',
    labelNames: ['name', 'id', 'format', 'engine', 'date'],
    registers,
  })
  const accuracy = new Gauge({
    name: 'predictor_model_accuracy',
    help: 'Accuracy on rows that the model did not see, in percent',
    labelNames: ['name', 'id'],
    registers,
  })

  async function look(): Promise<void> {
    const [queue, dead, ...infos] = await Promise.all([
      requester.queue(),
      requester.dead(),
      ...models.map(name => predictor.model(name)),
    ])
    up.set(queue === undefined ? 0 : 1)
    messages.set(queue?.messages ?? Number.NaN)
    consumers.set(queue?.consumers ?? 0)
    modelInfo.reset()
    accuracy.reset()
    deadJobs.set(dead ?? Number.NaN)
    for (const model of infos) {
      if (model === undefined) continue
      const { name, id, format, engine, date } = model
      modelInfo.set({ name, id, format, engine, date }, 1)
      if (model.accuracy !== null) accuracy.set({ name, id }, model.accuracy)
    }
  }

  return {
    contentType: registry.contentType,
    async text() {
      await look()
      return await registry.metrics()
    },
    request({ method, route, status, seconds }) {
      requests.inc({ method, route, status })
      latency.observe({ route }, seconds)
    },
    job({ outcome, seconds, batch }) {
      jobs.inc({ outcome })
      jobTime.observe(seconds)
      if (batch !== undefined) batches.observe(batch)
    },
  }
}

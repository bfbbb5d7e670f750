import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Requester } from '../broker/broker.ts'
import type { Predictor } from './predictor.ts'

/** What is counted, in the text format of Prometheus. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  request(seen: { method: string; route: string; status: number; seconds: number }): void
  /** `outcome`: `answered`, or the code of the error. */
  job(outcome: string, seconds: number): void
}

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function metrics(requester: Requester, predictor: Predictor, version: string): Metrics {
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
  const up = new Gauge({ name: 'predictor_broker_up', help: '1 when the broker answers', registers })
  const messages = new Gauge({ name: 'predictor_queue_messages', help: 'Jobs that wait for a worker', registers })
  const consumers = new Gauge({ name: 'predictor_queue_consumers', help: 'Workers that take jobs', registers })
  const modelInfo = new Gauge({
    name: 'predictor_model_info',
    help: 'The model that answers',
    labelNames: ['id', 'format', 'engine', 'date'],
    registers,
  })
  const accuracy = new Gauge({
    name: 'predictor_model_accuracy',
    help: 'Accuracy on the served rows, in percent',
    labelNames: ['id'],
    registers,
  })

  async function look(): Promise<void> {
    const [queue, model] = await Promise.all([requester.queue(), predictor.model()])
    up.set(queue === undefined ? 0 : 1)
    messages.set(queue?.messages ?? Number.NaN)
    consumers.set(queue?.consumers ?? 0)
    modelInfo.reset()
    accuracy.reset()
    if (model === undefined) return
    modelInfo.set({ id: model.id, format: model.format, engine: model.engine, date: model.date }, 1)
    accuracy.set({ id: model.id }, model.accuracy)
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
    job(outcome, seconds) {
      jobs.inc({ outcome })
      jobTime.observe(seconds)
    },
  }
}

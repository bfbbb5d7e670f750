import { amqpConsumer } from '../broker/amqp-consumer.ts'
import { createLog } from '../log.ts'

// A worker that shouts, and that one word kills: started as a process of its own by fragile.ts.
const [url = '', queue = ''] = process.argv.slice(2)
const log = createLog('silent', 'fragile')
await amqpConsumer({ url, queue, queueLimit: 1000, log, prefetch: 8, maxAttempts: 3 }, async body => {
  if (body.toString() === 'boom') process.kill(process.pid, 'SIGKILL')
  return Buffer.from(body.toString().toUpperCase())
})

import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Scores } from '../jobs.ts'
import { prefersJson } from './failures.ts'
import { accuracyPage, formPage, homePage, predictionsPage } from './pages/lab.ts'

/** `/`, `/accuracy` and `/predictions`: a form to GET, the result to POST, as a page or as JSON. */
export function labRoutes(app: FastifyInstance, scores: () => Promise<Scores>): void {
  app.get('/', (_, reply) => sendPage(reply, homePage()))
  app.get('/accuracy', (_, reply) => sendPage(reply, formPage('/accuracy')))
  app.get('/predictions', (_, reply) => sendPage(reply, formPage('/predictions')))
  app.post('/accuracy', async (request, reply) => {
    const result = await scores()
    return prefersJson(request)
      ? { accuracy: result.accuracy, model: result.model }
      : sendPage(reply, accuracyPage(result))
  })
  app.post('/predictions', async (request, reply) => {
    const result = await scores()
    return prefersJson(request) ? result : sendPage(reply, predictionsPage(result))
  })
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(page)
}

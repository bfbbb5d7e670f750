import type { FastifyInstance } from 'fastify'
import { type Api, named } from './api-routes.ts'
import { prefersJson } from './failures.ts'
import { accuracyPage, formPage, homePage, predictionsPage } from './pages/lab.ts'
import { sendPage } from './try-routes.ts'

/** `/`, `/accuracy` and `/predictions`: a form to GET, the result to POST, as a page or as JSON. */
export function labRoutes(app: FastifyInstance, { models, predictor }: Api): void {
  app.get('/', (_, reply) => sendPage(reply, homePage(models)))
  if (!models.includes('diabetes')) return
  app.get('/accuracy', (_, reply) => sendPage(reply, formPage('/accuracy', models)))
  app.get('/predictions', (_, reply) => sendPage(reply, formPage('/predictions', models)))
  app.post('/accuracy', async (request, reply) => {
    const result = await predictor.scores()
    named(reply, result.model)
    return prefersJson(request)
      ? { accuracy: result.accuracy, model: result.model }
      : sendPage(reply, accuracyPage(result, models))
  })
  app.post('/predictions', async (request, reply) => {
    const result = await predictor.scores()
    named(reply, result.model)
    return prefersJson(request) ? result : sendPage(reply, predictionsPage(result, models))
  })
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Api, named } from './api-routes.ts'
import { features, valueProblem } from './features.ts'
import { rowPage, textPage } from './pages/try.ts'

/** `/predict` and `/american`: a form to try one row or one text, and its answer. */
export function tryRoutes(app: FastifyInstance, { models, predictor }: Api): void {
  if (models.includes('diabetes')) {
    app.get('/predict', (request, reply) =>
      sendPage(reply, rowPage({ models, values: fieldsOf(request.url.split('?')[1] ?? '') })),
    )
    app.post('/predict', async (request, reply) => {
      const values = fieldsOf(bodyOf(request))
      // Number('') is 0, and nothing is no number.
      const row = features.map(({ name }) => (values.get(name)?.trim() ? Number(values.get(name)) : Number.NaN))
      const problems = new Map(
        features.flatMap((feature, column) => {
          const problem = Number.isNaN(row[column]) ? 'must be a number' : valueProblem(feature, row[column])
          return problem === undefined ? [] : [[feature.name, problem] as const]
        }),
      )
      if (problems.size > 0) return sendPage(reply.code(400), rowPage({ models, values, problems }))
      const { model, probability } = await predictor.rows([row])
      return sendPage(
        named(reply, model),
        rowPage({ models, values, answer: { model, probability: probability[0] ?? 0 } }),
      )
    })
  }
  if (models.includes('american')) {
    app.get('/american', (_, reply) => sendPage(reply, textPage({ models, text: '' })))
    app.post('/american', async (request, reply) => {
      // A form sends its lines with CR LF; the page shows again what was typed.
      const text = fieldsOf(bodyOf(request)).get('text') ?? ''
      if (text.trim() === '') {
        const problem = 'There is no text to judge: please write one.'
        return sendPage(reply.code(400), textPage({ models, text, problem }))
      }
      const { model, probability } = await predictor.texts([text])
      return sendPage(
        named(reply, model),
        textPage({ models, text, answer: { model, probability: probability[0] ?? 0 } }),
      )
    })
  }
}

function bodyOf({ body }: FastifyRequest): string {
  return Buffer.isBuffer(body) ? body.toString('utf8') : ''
}

/** What a form sent; a name that comes twice counts once. */
function fieldsOf(encoded: string): ReadonlyMap<string, string> {
  return new Map(new URLSearchParams(encoded))
}

export function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(page)
}

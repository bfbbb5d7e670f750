import type { FastifyInstance } from 'fastify'
import type { Api } from './api-routes.ts'
import { openApi } from './openapi.ts'
import { docsPage } from './pages/docs.ts'
import { sendPage } from './try-routes.ts'

/** `/openapi.json` for programs, and `/docs`, the same for people. */
export function docsRoutes(app: FastifyInstance, { models, version }: Api): void {
  const document = openApi(models, version)
  app.get('/openapi.json', async () => document)
  app.get('/docs', (_, reply) => sendPage(reply, docsPage(document, models)))
}

import type { ModelName } from '../../settings.ts'
import type { OpenApi } from '../openapi.ts'
import type { Operation } from '../openapi-parts.ts'
import { type Html, html } from './html.ts'
import { page } from './layout.ts'

/** The OpenAPI document as a page. */
export function docsPage({ info, paths }: OpenApi, models: readonly ModelName[]): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(path, method, operation)),
  )
  return page({
    models,
    path: '/docs',
    title: 'API',
    body: html`<h1>API</h1>
<p>${info.description} Version ${info.version}. For programs: <a href="/openapi.json">openapi.json</a>.</p>
${operations}`,
  })
}

function section(path: string, method: string, { operationId, summary, requestBody, responses }: Operation): Html {
  const sent = requestBody?.content['application/json']?.example
  const answered = responses['200']?.content?.['application/json']?.example
  const codes = Object.entries(responses).map(
    ([code, { description }]) => html`<div><dt>${code}</dt><dd>${description.replaceAll('`', '')}</dd></div>`,
  )
  return html`<section class="card" id="${operationId}"><h2><span class="method">${method.toUpperCase()}</span><code>${path}</code></h2>
<p>${summary}.</p>
${sent === undefined ? undefined : example('Request', `curl --json ${quoted(sent)} http://HOST${path}`)}${answered === undefined ? undefined : example('Answer', JSON.stringify(answered))}<dl class="facts">${codes}</dl></section>
`
}

function example(heading: string, text: string): Html {
  return html`<p class="quiet">${heading}</p><pre tabindex="0"><code>${text}</code></pre>
`
}

/** One argument of a shell. */
function quoted(value: unknown): string {
  return `'${JSON.stringify(value).replaceAll("'", "'\\''")}'`
}

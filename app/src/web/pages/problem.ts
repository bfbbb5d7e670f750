import type { ModelName } from '../../settings.ts'
import { html } from './html.ts'
import { page } from './layout.ts'

/** A page for what went wrong, with what one can do. */
export function problemPage({
  models,
  path,
  heading,
  message,
  advice,
}: {
  models: readonly ModelName[]
  path: string
  heading: string
  message: string
  advice: string
}): string {
  return page({ models, path, body: html`<h1>${heading}</h1>\n<p>${message}</p>\n<p class="quiet">${advice}</p>` })
}

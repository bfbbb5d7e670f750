import { createHash } from 'node:crypto'
import type { ModelName } from '../../settings.ts'
import { Html, html } from './html.ts'
import { style } from './style.ts'

const sites: Record<
  ModelName | 'both',
  { readonly name: string; readonly links: readonly (readonly [string, string])[] }
> = {
  diabetes: {
    name: 'Diabetes predictor',
    links: [
      ['/predictions', 'Predictions'],
      ['/accuracy', 'Accuracy'],
      ['/predict', 'One row'],
    ],
  },
  american: { name: 'American predictor', links: [['/american', 'American or not']] },
  both: { name: 'Predictor', links: [] },
}

/** The whole document around a page. The title, where none is given, is the one that existing clients know. */
export function page({
  models,
  path,
  body,
  title = 'Test App',
}: {
  models: readonly ModelName[]
  path: string
  body: Html
  title?: string
}): string {
  const link = ([to, name]: readonly [string, string]) =>
    to === path ? html`<a href="${to}" aria-current="page">${name}</a>` : html`<a href="${to}">${name}</a>`
  const links = [['/', 'Home'] as const, ...models.flatMap(model => sites[model].links), ['/docs', 'API'] as const]
  const [only, other] = models
  const { name } = sites[only !== undefined && other === undefined ? only : 'both']
  const source = models.includes('diabetes')
    ? html`Pima Indians diabetes data, UCI Machine Learning Repository. Not for medical use.`
    : html`Trained on texts with the country of their author.`
  const document = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<link rel="icon" href="data:,"/>
<style>${new Html(style)}</style>
</head>
<body>
<header><strong>${name}</strong><nav aria-label="Pages">${links.map(link)}</nav></header>
<main>
${body}
</main>
<footer>${source}</footer>
</body>
</html>
`
  return document.text
}

/** Nothing may be loaded from anywhere, and no script may run: the pages need neither. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

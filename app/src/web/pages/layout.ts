import { createHash } from 'node:crypto'
import { Html, html } from './html.ts'
import { style } from './style.ts'

/** The whole document around a page. The title is the one that existing clients know. */
export function page({ path, body }: { path: string; body: Html }): string {
  const link = (to: string, name: string) =>
    to === path ? html`<a href="${to}" aria-current="page">${name}</a>` : html`<a href="${to}">${name}</a>`
  const document = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<title>Test App</title>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<link rel="icon" href="data:,"/>
<style>${new Html(style)}</style>
</head>
<body>
<header><strong>Diabetes predictor</strong><nav aria-label="Pages">${link('/', 'Home')}${link('/predictions', 'Predictions')}${link('/accuracy', 'Accuracy')}</nav></header>
<main>
${body}
</main>
<footer>Pima Indians diabetes data, UCI Machine Learning Repository. Not for medical use.</footer>
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

// Asks the running predictor as a browser would, and prints its answer as text.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const mlops = fileURLToPath(new URL('../bin/mlops', import.meta.url))
const status = spawnSync(process.execPath, [mlops, 'status', '--json'], { encoding: 'utf8' })
if (!status.stdout.startsWith('{')) throw new Error(status.stderr)
const { app } = JSON.parse(status.stdout)
const [{ url }] = app
const answer = await fetch(`${url}/predictions`, { method: 'POST' })
const page = await answer.text()
if (!answer.ok) throw new Error(`POST ${url}/predictions answered ${answer.status}`)
const text = html => html.replace(/<[^>]*>/g, '').trim()
const [title = ''] = page.match(/<h1>[^<]*<\/h1>/) ?? []
const rows = [...page.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
  [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => text(cell)),
)
console.log(`${url}/predictions\n\n${text(title)}\n`)
for (const row of rows.slice(0, 11)) console.log(row.map(cell => cell.padEnd(12)).join(''))
if (rows.length > 11) console.log(`… and ${rows.length - 11} more rows`)

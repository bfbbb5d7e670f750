import type { Sample } from './prober.ts'
import { percentiles, type Summary } from './summary.ts'
import { rows } from './text.ts'

/** A moment of the measured action, in milliseconds since the start. */
export interface Mark {
  readonly at: number
  readonly what: string
}

/** The steps of each thing that was done. */
export interface Steps {
  readonly titles: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const width = 960
const left = 56

/** A report as one HTML page that needs nothing beside it: what was measured, and three plots over time. */
export function page(
  title: string,
  {
    samples,
    summary,
    marks,
    steps,
  }: { samples: readonly Sample[]; summary: Summary; marks: readonly Mark[]; steps?: Steps },
): string {
  const end = Math.max(1, ...samples.map(({ due, ms }) => due + ms), ...marks.map(({ at }) => at))
  const x = (at: number) => left + (at / end) * (width - left - 8)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
<main>
<h1>${escaped(title)}</h1>
<table>${rows(summary)
    .map(([name, value]) => `<tr><th>${escaped(name)}<td>${escaped(value)}</tr>`)
    .join('')}</table>
${steps ? stepsTable(steps) : ''}
<h2>Latency</h2>
${latencyPlot(samples, { x, end, marks })}
<h2>Answers</h2>
${answersPlot(samples, { x, end, marks })}
<h2>Releases</h2>
${summary.versions.length > 0 ? versionsPlot(summary, { x, end, marks }) : '<p>No answer said which release it came from.</p>'}
${marks.length > 0 ? `<h2>What happened</h2>\n<table><tr><th>ms<th>what</tr>${marks.map(({ at, what }) => `<tr><td>${at.toFixed(0)}<td>${escaped(what)}</tr>`).join('')}</table>` : ''}
</main>
</html>
`
}

interface Frame {
  readonly x: (at: number) => number
  readonly end: number
  readonly marks: readonly Mark[]
}

function stepsTable({ titles, rows }: Steps): string {
  const row = (name: 'th' | 'td', cells: readonly string[]) =>
    `<tr>${cells.map(cell => `<${name}>${escaped(cell)}`).join('')}</tr>`
  const table = `<table class="steps">${row('th', titles)}${rows.map(cells => row('td', cells)).join('')}</table>`
  return `<h2>Steps</h2>\n${scrolling('how long each step took', table)}`
}

/** Median, 99th percentile and maximum of each of 200 spans of time, on a logarithmic scale. */
function latencyPlot(samples: readonly Sample[], frame: Frame): string {
  const height = 220
  const good = samples.filter(sample => sample.failure === undefined)
  const top = Math.max(10, ...good.map(({ ms }) => ms))
  const y = (ms: number) => height - 20 - (Math.log10(Math.max(ms, 0.1) / 0.1) / Math.log10(top / 0.1)) * (height - 32)
  const bins = binned(good, frame.end).map(({ from, inside }) => ({ from, ...percentiles(inside.map(({ ms }) => ms)) }))
  const line = (name: 'p50' | 'p99' | 'max') =>
    `<polyline class="${name}" points="${bins.map(bin => `${frame.x(bin.from).toFixed(1)},${y(bin[name]).toFixed(1)}`).join(' ')}"/>`
  const ticks = [0.1, 1, 10, 100, 1000, 10_000]
    .filter(ms => ms <= top)
    .map(
      ms =>
        `<line class="grid" x1="${left}" x2="${width}" y1="${y(ms)}" y2="${y(ms)}"/><text x="4" y="${y(ms) + 4}">${ms} ms</text>`,
    )
  return svg(
    height,
    [...ticks, ...marksOf(frame, height), line('max'), line('p99'), line('p50')],
    'median, 99th percentile and maximum over time',
    [
      ['p50', 'median'],
      ['p99', '99th percentile'],
      ['max', 'maximum'],
    ],
  )
}

function answersPlot(samples: readonly Sample[], frame: Frame): string {
  const height = 120
  const bins = binned(samples, frame.end)
  const most = Math.max(1, ...bins.map(({ inside }) => inside.length))
  const bar = (width - left - 8) / bins.length
  const bars = bins.map(({ from, inside }) => {
    const failed = inside.filter(({ failure }) => failure !== undefined).length
    const tall = (count: number) => (count / most) * (height - 28)
    const base = height - 20
    const rect = (name: string, at: number, high: number) =>
      high > 0
        ? `<rect class="${name}" x="${frame.x(from).toFixed(1)}" y="${at.toFixed(1)}" width="${bar.toFixed(2)}" height="${high.toFixed(1)}"/>`
        : ''
    const good = tall(inside.length - failed)
    return rect('good', base - good, good) + rect('bad', base - good - tall(failed), tall(failed))
  })
  return svg(height, [...marksOf(frame, height), ...bars], 'answers over time, failures in red', [
    ['good', 'answered'],
    ['bad', 'failed'],
  ])
}

function versionsPlot({ versions }: Summary, frame: Frame): string {
  const height = 24 + versions.length * 34
  const rows = versions.map(({ version, first, last, answers }, row) => {
    const y = 18 + row * 34
    const wide = Math.max(2, frame.x(last) - frame.x(first))
    return `<rect class="good" x="${frame.x(first).toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="10"/><text x="${Math.min(frame.x(first), width - 300)}" y="${y - 5}">${escaped(version)} · ${answers} answers · ${first.toFixed(0)} to ${last.toFixed(0)} ms</text>`
  })
  return svg(height, [...marksOf(frame, height), ...rows], 'which release answered when', [])
}

function binned(samples: readonly Sample[], end: number): { from: number; inside: Sample[] }[] {
  const count = 200
  const bins = Array.from({ length: count }, (_, i) => ({ from: (i / count) * end, inside: [] as Sample[] }))
  for (const sample of samples) bins[Math.min(count - 1, Math.floor((sample.due / end) * count))]?.inside.push(sample)
  return bins.filter(({ inside }) => inside.length > 0)
}

function marksOf({ x, end, marks }: Frame, height: number): string[] {
  const seconds = [0, 0.25, 0.5, 0.75, 1].map(
    share =>
      `<text x="${x(share * end)}" y="${height - 4}" text-anchor="${share === 1 ? 'end' : 'start'}">${((share * end) / 1000).toFixed(end < 4000 ? 2 : 1)} s</text>`,
  )
  return [
    ...seconds,
    ...marks.map(
      ({ at, what }) =>
        `<line class="mark" x1="${x(at)}" x2="${x(at)}" y1="0" y2="${height - 18}"><title>${escaped(what)}</title></line>`,
    ),
  ]
}

function svg(
  height: number,
  parts: readonly string[],
  label: string,
  legend: readonly (readonly [string, string])[],
): string {
  const drawing = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${parts.join('')}</svg>`
  const keys = legend.map(([key, name]) => `<span><i class="${key}"></i>${name}</span>`)
  return scrolling(label, drawing) + (keys.length > 0 ? `\n<p class="legend">${keys.join('')}</p>` : '')
}

/** What may be wider than the screen: it scrolls by itself, with the keyboard, too. */
function scrolling(label: string, content: string): string {
  return `<div class="wide" role="region" aria-label="${label}" tabindex="0">${content}</div>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, char => `&#${char.charCodeAt(0)};`)
}

const style = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5a687c; --line: #d5dbe4; --good: #3b7ddd; --bad: #d64545; --p99: #b4690e; --paper: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #93a0b4; --line: #2e3848; --good: #6ea8ff; --bad: #ff7b72; --p99: #f0b35a; --paper: #14181f } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.4rem; overflow-wrap: anywhere } h2 { font-size: 1.05rem; margin: 1.5rem 0 .3rem }
table { border-collapse: collapse } th { text-align: left; font-weight: 600 } th, td { padding: .1rem 1rem .1rem 0; vertical-align: top; overflow-wrap: anywhere }
.steps td, .steps th { white-space: nowrap } .steps td + td, .steps th + th { text-align: right; font-variant-numeric: tabular-nums }
.wide { overflow-x: auto } .wide:focus-visible { outline: 3px solid var(--good); outline-offset: 2px }
svg { display: block; width: 100%; min-width: 46rem; height: auto } text { font-size: 12px; fill: var(--soft) } polyline { fill: none; stroke-width: 1.5 }
.p50 { stroke: var(--good) } .p99 { stroke: var(--p99) } .max { stroke: var(--soft); stroke-width: .7 }
.grid { stroke: var(--line) } .mark { stroke: var(--bad); stroke-dasharray: 3 3 } .good { fill: var(--good) } .bad { fill: var(--bad) }
.legend { color: var(--soft); font-size: .88rem; margin: .3rem 0 0 } .legend span { margin-right: 1.2rem; white-space: nowrap }
i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px }
i.p50, i.good { background: var(--good) } i.p99 { background: var(--p99) } i.max { background: var(--soft) } i.bad { background: var(--bad) }
`

import type { Scores } from '../../jobs.ts'
import { type Html, html } from './html.ts'

/** The four counts of true against predicted labels, drawn as fields whose shade is the share. */
export function matrixChart({ y, predicted }: Pick<Scores, 'y' | 'predicted'>): Html {
  const count = (truth: number, guess: number) =>
    y.filter((label, i) => label === truth && predicted[i] === guess).length
  const counts = [count(0, 0), count(0, 1), count(1, 0), count(1, 1)] as const
  const [trueNo, falseYes, falseNo, trueYes] = counts
  const cell = (x: number, top: number, n: number, right: boolean) => html`
<rect x="${x}" y="${top}" width="126" height="88" rx="6" class="${right ? 'right-cell' : 'wrong-cell'}"/>
<text x="${x + 63}" y="${top + 46}" text-anchor="middle" class="count">${n}</text>
<text x="${x + 63}" y="${top + 67}" text-anchor="middle" class="small">${share(n, y.length)}, ${right ? 'right' : 'wrong'}</text>`
  const told = `${trueNo} rows without diabetes are predicted so, ${falseYes} are not; ${trueYes} rows with diabetes are predicted so, ${falseNo} are not.`
  return html`<svg viewBox="0 0 340 240" role="img" aria-labelledby="matrix-title matrix-text"><title id="matrix-title">True against predicted labels</title><desc id="matrix-text">${told}</desc>
<text x="138" y="16" text-anchor="middle">predicted 0</text><text x="271" y="16" text-anchor="middle">predicted 1</text>
<text x="4" y="76">true 0</text><text x="4" y="170">true 1</text>${cell(75, 28, trueNo, true)}${cell(208, 28, falseYes, false)}${cell(75, 122, falseNo, false)}${cell(208, 122, trueYes, true)}
<text x="4" y="234" class="small">${trueNo + trueYes} of ${y.length} right</text></svg>`
}

const bins = 20
const step = 16
const height = 176

/** Bars of the predicted probability: rows that are truly 1 upwards, rows that are truly 0 downwards, in one scale. */
export function spreadChart({ y, probability }: Pick<Scores, 'y' | 'probability'>): Html {
  const up = new Array<number>(bins).fill(0)
  const down = new Array<number>(bins).fill(0)
  for (const [i, p] of probability.entries()) {
    const bin = Math.min(bins - 1, Math.floor(p * bins))
    const side = y[i] === 1 ? up : down
    side[bin] = (side[bin] ?? 0) + 1
  }
  // Each side gets the room that its highest bar needs.
  const unit = height / Math.max(1, Math.max(...up) + Math.max(...down))
  const middle = 12 + Math.round(Math.max(...up) * unit)
  const bars = Array.from({ length: bins }, (_, bin) => {
    const bar = (n: number | undefined) => Math.round((n ?? 0) * unit * 10) / 10
    const [yes, no] = [bar(up[bin]), bar(down[bin])]
    const x = 10 + bin * step
    return html`<rect x="${x + 1}" y="${middle - 1 - yes}" width="${step - 2}" height="${yes}" class="yes"/><rect x="${x + 1}" y="${middle + 1}" width="${step - 2}" height="${no}" class="no"/>`
  })
  const sure = probability.filter(p => p < 0.2 || p > 0.8).length
  const told = `Of ${y.length} rows the model is sure of ${sure}: it gives them less than 0.2 or more than 0.8.`
  const bottom = 12 + height
  return html`<svg viewBox="0 0 340 240" role="img" aria-labelledby="spread-title spread-text"><title id="spread-title">Predicted probability of diabetes by true label</title><desc id="spread-text">${told}</desc>
<line x1="10" y1="${middle}" x2="330" y2="${middle}" class="axis"/><line x1="170" y1="8" x2="170" y2="${bottom + 4}" class="half"/>${bars}
<text x="10" y="${bottom + 20}" class="small">0</text><text x="170" y="${bottom + 20}" text-anchor="middle" class="small">0.5</text><text x="330" y="${bottom + 20}" text-anchor="end" class="small">1</text>
<text x="170" y="${bottom + 40}" text-anchor="middle" class="small">predicted probability</text></svg>
<p class="legend"><span><i class="key yes"></i>truly 1 (up)</span><span><i class="key no"></i>truly 0 (down)</span></p>`
}

function share(n: number, total: number): string {
  return `${total === 0 ? 0 : Math.round((n / total) * 100)} %`
}

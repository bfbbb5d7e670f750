// Time over the number of hosts, and over the number of tasks, as an SVG.
import { steps } from './workloads.mjs'

const PANEL = { width: 480, height: 340, left: 56, right: 80, bottom: 44, top: 30 }
const COLOURS = { floor: '#888888', mlops: '#0b7285', tuned: '#c92a2a', ansible: '#e8590c', mitogen: '#5f3dc4' }

/** Both scales are logarithmic, so that linear growth is a straight line of slope one, like the dotted ones. */
export function scaling(medians) {
  const good = medians.filter(row => !row.problem && row.rtt === 0)
  const byHosts = good.filter(row => row.workload === 'converged').map(row => ({ ...row, at: row.hosts }))
  const byTasks = good.flatMap(row => steps.filter(n => row.workload === `steps-${n}`).map(at => ({ ...row, at })))
  const panels = [
    { title: 'fifty converged tasks: seconds over hosts', rows: byHosts },
    { title: 'one host: seconds over converged tasks', rows: byTasks },
  ].filter(({ rows }) => new Set(rows.map(row => row.at)).size > 1)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${PANEL.width * Math.max(1, panels.length)} ${PANEL.height}" font-family="sans-serif" font-size="13" role="img">`,
    '<title>Seconds over the number of hosts, and over the number of tasks</title>',
    `<rect width="${PANEL.width * panels.length}" height="${PANEL.height}" fill="#ffffff"/>`,
    ...panels.flatMap((panel, i) => [`<g transform="translate(${i * PANEL.width} 0)">`, ...drawn(panel), '</g>']),
    '</svg>\n',
  ].join('\n')
}

function drawn({ title, rows }) {
  const { width, height, left, right, bottom, top } = PANEL
  const [from, to] = [Math.min(...rows.map(row => row.at)), Math.max(...rows.map(row => row.at))]
  const [low, high] = [Math.min(...rows.map(row => row.wall)) / 1.5, Math.max(...rows.map(row => row.wall)) * 1.5]
  const x = scale(from, to, left, width - right)
  const y = scale(low, high, height - bottom, top)
  const grid = powers(low, high).map(
    n =>
      `<line x1="${left}" x2="${width - right}" y1="${y(n)}" y2="${y(n)}" stroke="#cccccc"/><text x="${left - 8}" y="${y(n) + 4}" text-anchor="end">${n} s</text>`,
  )
  const ticks = [...new Set(rows.map(row => row.at))].map(
    n => `<text x="${x(n)}" y="${height - bottom + 20}" text-anchor="middle">${n}</text>`,
  )
  const peers = Object.keys(COLOURS).map(peer => rows.filter(row => row.peer === peer).sort((a, b) => a.at - b.at))
  return [
    `<text x="${(left + width - right) / 2}" y="18" text-anchor="middle">${title}</text>`,
    ...grid,
    ...ticks,
    ...peers.flatMap(points => lineOf(points, x, y)),
  ]
}

/** The line of a peer, and a dotted one through its last point that grows linearly. */
function lineOf(points, x, y) {
  const last = points.at(-1)
  if (!last) return []
  const colour = COLOURS[last.peer]
  const path = points.map(({ at, wall }) => `${x(at)},${y(wall)}`).join(' ')
  const linear = points.filter(({ at }) => y((last.wall * at) / last.at) <= PANEL.height - PANEL.bottom)
  const dotted = linear.map(({ at }) => `${x(at)},${y((last.wall * at) / last.at)}`).join(' ')
  return [
    `<polyline points="${dotted}" fill="none" stroke="${colour}" stroke-width="1" stroke-dasharray="2 4"/>`,
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.map(({ at, wall }) => `<circle cx="${x(at)}" cy="${y(wall)}" r="3" fill="${colour}"/>`),
    `<text x="${x(last.at) + 8}" y="${y(last.wall) + 4}" fill="${colour}">${last.peer}</text>`,
  ]
}

function scale(from, to, start, end) {
  const [low, high] = [Math.log10(from), Math.log10(to)]
  return value => Math.round((start + ((Math.log10(value) - low) / (high - low)) * (end - start)) * 10) / 10
}

function powers(from, to) {
  return [0.01, 0.1, 1, 10, 100, 1000].filter(n => n >= from && n <= to)
}

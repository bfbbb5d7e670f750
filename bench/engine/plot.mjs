// Time over the number of hosts, for each peer, as an SVG.

const WIDTH = 720
const HEIGHT = 360
const LEFT = 56
const BOTTOM = 44
const COLOURS = { floor: '#888888', mlops: '#0b7285', tuned: '#c92a2a', ansible: '#e8590c', mitogen: '#5f3dc4' }

/** Fifty converged tasks: both scales are logarithmic, so that linear growth is a straight line of slope one. */
export function scaling(medians) {
  const rows = medians.filter(row => row.workload === 'converged' && row.rtt === 0 && !row.problem)
  const hosts = rows.map(row => row.hosts)
  const seconds = rows.map(row => row.wall)
  if (rows.length === 0) return ''
  const x = scale(Math.min(...hosts), Math.max(...hosts, 2), LEFT, WIDTH - 90)
  const y = scale(Math.min(...seconds) / 1.5, Math.max(...seconds) * 1.5, HEIGHT - BOTTOM, 16)
  const series = Object.keys(COLOURS).map(peer =>
    rows.filter(row => row.peer === peer).sort((a, b) => a.hosts - b.hosts),
  )
  const ticks = [...new Set(hosts)].map(
    n => `<text x="${x(n)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${n}</text>`,
  )
  const grid = powers(Math.min(...seconds) / 1.5, Math.max(...seconds) * 1.5).map(
    n =>
      `<line x1="${LEFT}" x2="${WIDTH - 90}" y1="${y(n)}" y2="${y(n)}" stroke="#cccccc"/><text x="${LEFT - 8}" y="${y(n) + 4}" text-anchor="end">${n} s</text>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13" role="img">`,
    '<title>Fifty converged tasks: seconds over the number of hosts</title>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...grid,
    ...ticks,
    `<text x="${(LEFT + WIDTH - 90) / 2}" y="${HEIGHT - 6}" text-anchor="middle">hosts</text>`,
    ...series.flatMap(points => lineOf(points, x, y)),
    '</svg>\n',
  ].join('\n')
}

function lineOf(points, x, y) {
  const last = points.at(-1)
  if (!last) return []
  const colour = COLOURS[last.peer]
  const path = points.map(({ hosts, wall }) => `${x(hosts)},${y(wall)}`).join(' ')
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.map(({ hosts, wall }) => `<circle cx="${x(hosts)}" cy="${y(wall)}" r="3" fill="${colour}"/>`),
    `<text x="${x(last.hosts) + 8}" y="${y(last.wall) + 4}" fill="${colour}">${last.peer}</text>`,
  ]
}

function scale(from, to, start, end) {
  const [low, high] = [Math.log10(from), Math.log10(to)]
  return value => Math.round((start + ((Math.log10(value) - low) / (high - low)) * (end - start)) * 10) / 10
}

function powers(from, to) {
  return [0.01, 0.1, 1, 10, 100, 1000].filter(n => n >= from && n <= to)
}

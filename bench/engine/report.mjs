// The table of a run, what was asked of it, and the page in the docs.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { scaling } from './plot.mjs'
import { local, remote, targets } from './workloads.mjs'

const docs = new URL('../../docs/', import.meta.url)
const START = '<!-- engine -->'
const END = '<!-- /engine -->'

/** Everything as Markdown. */
export function report(rows, how) {
  return `${machine(rows, how)}\n\n${judged(rows)}\n\n${table(rows)}\n`
}

/** Puts the report between its marks in docs/benchmarks.md, and the plot beside it. */
export function writeDocs(rows, how) {
  const page = new URL('benchmarks.md', docs)
  const text = readFileSync(page, 'utf8')
  const [before, rest] = text.split(START)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error(`docs/benchmarks.md has no ${START} … ${END} to write between`)
  writeFileSync(
    page,
    `${before}${START}\n${report(rows, how)}\n![Time over hosts and over tasks](engine-scaling.svg)\n${END}${after}`,
  )
  writeFileSync(new URL('engine-scaling.svg', docs), scaling(medians(rows)))
}

function machine(rows, how) {
  const [cpu] = cpus()
  const other = rows.map(row => row.otherShare).sort((a, b) => a - b)
  const versions = [`Node.js ${process.versions.node}`, version('ansible', ['--version'])].filter(Boolean).join(', ')
  const busy = Math.round((other[Math.floor(other.length / 2)] ?? 0) * 100)
  const command = ['node bench/engine/run.mjs', ...how].join(' ')
  return `Last run: \`${command}\`. ${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${versions}; hosts are containers on the same cores. Other programs took ${busy} % of the machine (median). Medians, of one run where a peer is slow; CPU is that of the controller and the hosts together.`
}

function version(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8' }).split('\n')[0].replace(/\[|\]/g, '')
  } catch {
    return ''
  }
}

/** One entry for each workload, number of hosts, round-trip time and peer. */
export function medians(rows) {
  const groups = Map.groupBy ? Map.groupBy(rows, keyOf) : groupBy(rows, keyOf)
  return [...groups.values()].map(group => {
    const good = group.filter(row => !row.problem)
    const of = name => median(good.map(row => row[name]).filter(value => value !== undefined))
    const { workload, hosts, rtt, peer } = group[0]
    return {
      workload,
      hosts,
      rtt,
      peer,
      runs: good.length,
      problem: good.length === 0 ? group[0].problem : undefined,
      wall: of('wallMs') / 1000,
      cpu: (of('cpuMs') + of('hostMs')) / 1000,
      memory: of('memoryMb'),
      roundTrips: of('roundTrips'),
      bytes: of('bytes'),
    }
  })
}

function table(rows) {
  const all = medians(rows)
  const head = [
    '',
    'hosts',
    'RTT ms',
    'peer',
    'wall s',
    'CPU s',
    'wall / mlops',
    'CPU / mlops',
    'memory MB',
    'round trips',
    'kB',
  ]
  const lines = all.map(row => {
    const ours = all.find(each => each.peer === 'mlops' && same(each, row))
    const about = { start: { about: 'Node.js itself' }, ...local, ...remote }[row.workload].about
    if (row.problem) return [about, row.hosts || '', row.rtt || '', row.peer, row.problem]
    return [
      about,
      row.hosts || '',
      row.rtt || '',
      row.peer,
      row.wall.toFixed(2),
      row.cpu.toFixed(2),
      ours && row !== ours ? `${(row.wall / ours.wall).toFixed(1)}` : '',
      ours && row !== ours ? `${(row.cpu / ours.cpu).toFixed(1)}` : '',
      Math.round(row.memory),
      Number.isNaN(row.roundTrips) ? '' : row.roundTrips,
      Number.isNaN(row.bytes) ? '' : (row.bytes / 1000).toFixed(1),
    ]
  })
  const text = [head, head.map((_, i) => (i === 0 || i === 3 ? '---' : '---:')), ...lines]
  return text.map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** Each target with what was measured. */
function judged(rows) {
  const all = medians(rows)
  const lines = targets.flatMap(target => {
    const at = peer => all.find(row => row.peer === peer && same(row, { hosts: 0, rtt: 0, ...target }))
    const ours = at('mlops')
    if (!ours || ours.problem) return []
    const value = measured(target, ours, at, all)
    if (value === undefined || Number.isNaN(value)) return []
    const where = target.hosts
      ? `, ${target.hosts} ${target.hosts === 1 ? 'host' : 'hosts'}${target.rtt ? `, ${target.rtt} ms` : ''}`
      : ''
    const { about } = { ...local, ...remote }[target.workload]
    return [
      `| ${about}${where} | ${meaning(target)} | ${number(target.most)} | ${number(value)} | ${value <= target.most ? 'yes' : 'no'} |`,
    ]
  })
  return ['| target | what | at most | measured | met |', '| --- | --- | ---: | ---: | --- |', ...lines].join('\n')
}

function measured({ what, to }, ours, at, all) {
  if (what === 'roundTrips' || what === 'memory') return ours[what]
  if (what === 'beyondNode') {
    const node = all.find(row => row.workload === 'start')
    return ours.cpu - node.cpu
  }
  const other = at(to)
  return other && !other.problem ? ours[what] / other[what] : undefined
}

function meaning({ what, to }) {
  if (what === 'roundTrips') return 'round trips'
  if (what === 'memory') return 'MB of memory of the controller'
  if (what === 'beyondNode') return 'seconds of CPU beyond the start of Node.js'
  return `${what === 'wall' ? 'time' : 'CPU'} / ${to}`
}

function number(value) {
  return value < 0.1 ? value.toFixed(3) : String(Number(value.toFixed(value < 10 ? 2 : 0)))
}

function same(a, b) {
  return a.workload === b.workload && a.hosts === b.hosts && a.rtt === b.rtt
}

function keyOf({ workload, hosts, rtt, peer }) {
  return `${workload} ${hosts} ${rtt} ${peer}`
}

function groupBy(rows, key) {
  const groups = new Map()
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row])
  return groups
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.length === 0 ? Number.NaN : sorted[Math.floor(sorted.length / 2)]
}

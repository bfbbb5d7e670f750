// Fifty converged tasks on the hosts of an inventory: time, round trips and bytes, beside ansible-playbook where it is installed.
//   node bench/converged.mjs -i INVENTORY [-l HOSTS] [--runs 5]
// Runs are interleaved; medians are shown, ratios are within this one run.
import { execFileSync, spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    inventory: { type: 'string', short: 'i' },
    limit: { type: 'string', short: 'l', default: 'all' },
    runs: { type: 'string', default: '5' },
  },
})
if (!values.inventory) {
  console.error('usage: node bench/converged.mjs -i INVENTORY [-l HOSTS] [--runs 5]')
  process.exit(1)
}
const playbook = new URL('playbooks/converged.yml', import.meta.url).pathname
const mlops = new URL('../bin/mlops', import.meta.url).pathname
const inventory = values.inventory
const runs = Number(values.runs)

function timed(work) {
  const start = performance.now()
  const result = work()
  const wallMs = performance.now() - start
  return { result, wallMs }
}

function playMlops(extra = []) {
  const { result, wallMs } = timed(() =>
    spawnSync(process.execPath, [mlops, 'play', playbook, '-i', inventory, '-l', values.limit, '--json', ...extra], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    }),
  )
  if (result.status !== 0) throw new Error(result.stderr || result.stdout)
  const end = JSON.parse(result.stdout.trim().split('\n').at(-1))
  const lines = Object.values(end.connections)
  return {
    wallMs,
    playMs: end.ms,
    connectMs: Math.max(...lines.map(line => line.connectMs)),
    roundTrips: Math.max(...lines.map(line => line.roundTrips)),
    bytes: lines.reduce((sum, line) => sum + line.bytesSent + line.bytesReceived, 0),
    changed: Object.values(end.summary).reduce((sum, host) => sum + host.changed, 0),
  }
}

function playAnsible() {
  const env = { ...process.env, ANSIBLE_PIPELINING: '1', ANSIBLE_FORKS: '50', ANSIBLE_HOST_KEY_CHECKING: 'False' }
  const { result, wallMs } = timed(() =>
    spawnSync('ansible-playbook', ['-i', inventory, '-l', values.limit, playbook], {
      encoding: 'utf8',
      env,
      maxBuffer: 1 << 28,
    }),
  )
  return result.status === 0 ? { wallMs } : undefined
}

const median = list => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
const hasAnsible = spawnSync('ansible-playbook', ['--version']).status === 0

const first = playMlops()
const ours = []
const without = []
const theirs = []
for (let i = 0; i < runs; i++) {
  ours.push(playMlops())
  without.push(playMlops(['--no-look-ahead']))
  const peer = hasAnsible ? playAnsible() : undefined
  if (peer) theirs.push(peer)
}
const of = (list, key) => Math.round(median(list.map(run => run[key])))
const rows = [
  ['', 'wall ms', 'play ms', 'connect ms', 'play - connect', 'round trips', 'bytes', 'changed'],
  [
    'first run',
    first.wallMs,
    first.playMs,
    first.connectMs,
    first.playMs - first.connectMs,
    first.roundTrips,
    first.bytes,
    first.changed,
  ].map(v => (typeof v === 'number' ? Math.round(v) : v)),
  [
    'converged',
    of(ours, 'wallMs'),
    of(ours, 'playMs'),
    of(ours, 'connectMs'),
    median(ours.map(r => r.playMs - r.connectMs)),
    of(ours, 'roundTrips'),
    of(ours, 'bytes'),
    of(ours, 'changed'),
  ],
  [
    '  without look-ahead',
    of(without, 'wallMs'),
    of(without, 'playMs'),
    of(without, 'connectMs'),
    median(without.map(r => r.playMs - r.connectMs)),
    of(without, 'roundTrips'),
    of(without, 'bytes'),
    of(without, 'changed'),
  ],
]
if (theirs.length > 0) rows.push(['ansible-playbook (pipelining)', of(theirs, 'wallMs'), '', '', '', '', '', ''])
for (const row of rows)
  console.log(row.map((cell, i) => (i === 0 ? String(cell).padEnd(30) : String(cell).padStart(15))).join(''))
if (theirs.length > 0)
  console.log(`\nansible-playbook / mlops: ${(of(theirs, 'wallMs') / of(ours, 'wallMs')).toFixed(1)} times`)
else
  console.log(
    '\nansible-playbook is not installed, or cannot play on these hosts (it needs Python there): no comparison',
  )
console.log(`runs: ${runs}, Node ${process.version}, ${execFileSync('uname', ['-srm'], { encoding: 'utf8' }).trim()}`)

// Measures this project beside its peers on a fleet of hosts with sshd, and prints one table. Needs root, Docker and Debian's
// packages openssh-client, mmdebstrap; ansible-core and ansible-mitogen where they shall take part.
//   node bench/engine/run.mjs [--hosts 1,10,50,100] [--rtt 0,10,50] [--runs 3] [--slow-runs 1] [--peers floor,mlops,tuned] [--workloads …] [--write] [--keep]
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { clocks, raise, raze, reach, renew, state } from './fleet.mjs'
import { generate } from './generate.mjs'
import { lineOf } from './line.mjs'
import { measure } from './measure.mjs'
import { peers, present } from './peers.mjs'
import { report, writeDocs } from './report.mjs'
import { local, remote } from './workloads.mjs'

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1,10,50,100' },
    rtt: { type: 'string', default: '0,10,50' },
    runs: { type: 'string', default: '3' },
    'slow-runs': { type: 'string', default: '1' },
    peers: { type: 'string', default: Object.keys(peers).join() },
    workloads: { type: 'string', default: Object.keys({ ...local, ...remote }).join() },
    write: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
const counts = values.hosts.split(',').map(Number)
const rtts = values.rtt.split(',').map(Number)
const names = values.peers.split(',').filter(name => present(name))
const asked = values.workloads.split(',')

const rows = []
mkdirSync(state, { recursive: true, mode: 0o700 })
generate(state)
await measureLocal()
let fleet = []
try {
  for (const count of counts) {
    if (!Object.keys(remote).some(name => asked.includes(name))) break
    fleet = raise(Math.max(...counts.filter(each => each <= count)))
    for (const rtt of rtts) await measureRemote(fleet.slice(0, count), rtt)
  }
} catch (error) {
  // what was measured is shown all the same
  process.exitCode = 1
  console.error(error)
}
const how = process.argv.slice(2).filter(arg => arg !== '--write')
process.stdout.write(report(rows, how))
if (values.write) writeDocs(rows, how)
if (!values.keep && fleet.length > 0) raze()

async function measureLocal() {
  await inTurns([{ peer: 'node', argv: [process.execPath, '-e', '0'] }], { workload: 'start' })
  for (const workload of Object.keys(local).filter(name => asked.includes(name))) {
    const turns = ['mlops', 'tuned']
      .filter(peer => names.includes(peer))
      .map(peer => ({ peer, ...peers[peer].command(workload, '') }))
    await inTurns(turns, { workload })
  }
}

async function measureRemote(given, rtt) {
  let hosts = given
  const line = await lineOf(rtt, hosts)
  if (line.made) process.stderr.write(`${rtt} ms of round trip by ${line.made}\n`)
  try {
    for (const [workload, limits] of Object.entries(remote)) {
      if (!asked.includes(workload)) continue
      if (limits.hosts && !limits.hosts.includes(hosts.length)) continue
      if (limits.rtt && !limits.rtt.includes(rtt)) continue
      const label = () => reach(hosts, `${hosts.length}-${rtt}`, line.portOf)
      const turns = (limits.peers ?? names)
        .filter(peer => names.includes(peer) && takesPart(peers[peer], limits, hosts.length, rtt))
        .flatMap(peer => {
          const command = peers[peer].command(workload, label())
          return command ? [{ peer, ...command }] : []
        })
      const prepare = async () => {
        if (limits.fresh) hosts = renew(hosts)
        label()
        if (limits.undo)
          await measure([
            'sh',
            '-c',
            `for h in ${hosts.map(host => host.name).join(' ')}; do ssh -n -F ${label()}.ssh $h sudo ${limits.undo}; done`,
          ])
      }
      // what a workload calls converged is made so first
      if (!limits.fresh && !limits.undo) await settle(turns)
      await inTurns(turns, { workload, hosts: hosts.length, rtt, clocks: () => clocks(hosts), prepare })
    }
  } finally {
    line.end()
  }
}

function takesPart({ slow, most }, limits, count, rtt) {
  return !slow || (count <= Math.min(limits.slow, most) && (rtt === 0 || count === 1))
}

async function settle(turns) {
  const [turn] = turns.filter(({ peer }) => peer === 'mlops')
  if (turn) await measure(turn.argv, turn)
}

/** Each peer in its turn, so that what else the machine does meets all alike. */
async function inTurns(
  turns,
  { workload, hosts = 0, rtt = 0, clocks: clocksOf = () => [], prepare = async () => undefined },
) {
  for (let run = 0; run < Number(values.runs); run++) {
    for (const { peer, argv, env } of turns) {
      if (peers[peer]?.slow && run >= Number(values['slow-runs'])) continue
      await prepare()
      const result = await measure(argv, { env, clocks: clocksOf() })
      const problem = judge(workload, result)
      const { wallMs, cpuMs, hostMs, memoryMb, otherShare } = result
      const row = {
        workload,
        hosts,
        rtt,
        peer,
        run,
        wallMs,
        cpuMs,
        hostMs,
        memoryMb,
        otherShare,
        ...lines(result),
        ...(problem ? { problem } : {}),
      }
      rows.push(row)
      process.stderr.write(
        `${workload} ${hosts} hosts ${rtt} ms ${peer}: ${(wallMs / 1000).toFixed(2)} s, cpu ${((cpuMs + hostMs) / 1000).toFixed(2)} s${problem ? `, FAILED: ${problem}` : ''}\n`,
      )
      if (problem) writeFileSync(join(state, `failed-${workload}-${peer}.log`), result.stdout + result.stderr)
    }
  }
}

/** Why a run does not count. */
function judge(workload, { status, stdout }) {
  if (status !== 0) return `exit status ${status}`
  if (!/^(converged|roles|tree-again|steps-.*)$/.test(workload)) return undefined
  const changed = [...stdout.matchAll(/changed[=":]+(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0)
  return changed > 0 ? `${changed} changed` : undefined
}

/** What `mlops` counts itself. */
function lines({ stdout }) {
  const last = stdout.trim().split('\n').at(-1) ?? ''
  if (!last.startsWith('{"type":"run-finished"')) return {}
  const all = Object.values(JSON.parse(last).connections)
  return {
    roundTrips: Math.max(0, ...all.map(line => line.roundTrips)),
    bytes: all.reduce((sum, line) => sum + line.bytesSent + line.bytesReceived, 0),
  }
}

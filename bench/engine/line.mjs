// A line of some length to the hosts: the kernel's own delay (netem) on their network, else a relay on the loopback.
import { execFileSync, spawn } from 'node:child_process'
import { bridge } from './fleet.mjs'

const FIRST_PORT = 22_000

/** Where hosts are reached over a line of `rtt` ms (`portOf`: on this machine), what makes it long, and how it becomes short again. */
export async function lineOf(rtt, hosts) {
  if (rtt === 0) return { end: () => undefined }
  if (tc('replace', 'netem', 'delay', `${rtt}ms`)) return { made: 'netem', end: () => tc('del') }
  const relay = await startRelay(rtt, hosts)
  return { made: 'a relay on the loopback', portOf: i => FIRST_PORT + i, end: () => relay.kill() }
}

/** All of the round trip is spent on the way to the hosts. */
function tc(verb, ...kind) {
  try {
    execFileSync('tc', ['qdisc', verb, 'dev', bridge(), 'root', ...kind], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function startRelay(rtt, hosts) {
  const relay = spawn(
    process.execPath,
    [new URL('relay.mjs', import.meta.url).pathname, rtt, FIRST_PORT, ...hosts.map(host => host.address)].map(String),
  )
  relay.stderr.pipe(process.stderr)
  return new Promise((resolve, reject) => {
    relay.stdout.once('data', () => resolve(relay))
    relay.once('exit', code => reject(new Error(`the relay ended with ${code}`)))
  })
}

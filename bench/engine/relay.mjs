// Holds what goes through it for half the round-trip time in each direction, as a long line would; bandwidth stays.
//   node relay.mjs RTT_MS FIRST_PORT ADDRESS…     127.0.0.1:FIRST_PORT + n leads to port 22 of the n-th address
import { connect, createServer } from 'node:net'

const [rtt, first, ...addresses] = process.argv.slice(2)
const halfMs = Number(rtt) / 2

/** Passes bytes on in their order, each when its time has come. */
function hold(from, to) {
  from.on('data', chunk => setTimeout(() => to.writable && to.write(chunk), halfMs))
  from.on('end', () => setTimeout(() => to.end(), halfMs))
  from.on('error', () => to.destroy())
  from.on('close', () => setTimeout(() => to.destroy(), halfMs * 2))
}

let listening = 0
for (const [i, address] of addresses.entries()) {
  const server = createServer({ noDelay: true }, near => {
    // the three-way handshake costs a whole round trip before the first byte
    near.pause()
    setTimeout(() => {
      const far = connect({ host: address, port: 22, noDelay: true }, () => {
        hold(near, far)
        hold(far, near)
        near.resume()
      })
      far.on('error', () => near.destroy())
    }, halfMs * 2)
    near.on('error', () => undefined)
  })
  server.listen(Number(first) + i, '127.0.0.1', () => {
    listening++
    if (listening === addresses.length) process.stdout.write('ready\n')
  })
}

const established = '01'
const listening = '0A'

/** A container that serves others of its pod through this port stops only when nobody of them is connected any more. */
export function outlivesClients(port: number) {
  return waitsWhile(port, established)
}

/** A container that another one of its pod needs stops only when that one has given up this port. */
export function outlivesServer(port: number) {
  return waitsWhile(port, `(${established}|${listening})`)
}

/** All containers of a pod are told to stop at once, but share a network, whose table of sockets each can read. */
function waitsWhile(port: number, states: string) {
  const local = port.toString(16).toUpperCase().padStart(4, '0')
  const sockets = `grep -Eqs ':${local} [0-9A-F:]+ ${states} ' /proc/net/tcp /proc/net/tcp6`
  return { lifecycle: { preStop: { exec: { command: ['sh', '-c', `while ${sockets}; do sleep 1; done`] } } } }
}

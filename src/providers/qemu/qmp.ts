import { closeSync, constants, openSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

export const SOCKET = 'qmp.sock'

/** A command of the QEMU Machine Protocol that needs no arguments. */
export type QmpCommand = 'system_powerdown' | 'quit' | 'query-status'

/** Tells the machine of a folder a command; false when no QEMU answers there. */
export function tell(folder: string, command: QmpCommand): Promise<boolean> {
  let directory: number
  try {
    directory = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  } catch {
    return Promise.resolve(false)
  }
  return new Promise<boolean>(resolve => {
    // The name of a socket has 107 bytes at most, a folder may have more.
    const socket = connect(`/proc/self/fd/${directory}/${SOCKET}`)
    const end = (answered: boolean) => {
      socket.destroy()
      resolve(answered)
    }
    socket.setTimeout(ANSWER_TIME_MS, () => end(false))
    socket.once('error', () => end(false))
    socket.once('close', () => end(false))
    let answers = 0
    createInterface(socket).on('line', line => {
      const message: unknown = JSON.parse(line)
      if (typeof message !== 'object' || message === null) return
      if ('QMP' in message) socket.write('{"execute":"qmp_capabilities"}\n')
      else if ('return' in message && answers++ === 0) socket.write(`${JSON.stringify({ execute: command })}\n`)
      else if ('return' in message) end(true)
      else if ('error' in message) end(false)
    })
  }).finally(() => closeSync(directory))
}

/** An emulated machine on a busy processor was seen to take over a second. */
const ANSWER_TIME_MS = 20_000

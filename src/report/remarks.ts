import type { Event } from '../events.ts'
import type { Layout } from './ansible-lines.ts'
import type { Paint } from './paint.ts'
import { kilobytes } from './profile.ts'
import { clean, duration, pad } from './text.ts'

type Warning = Pick<Extract<Event, { type: 'warning' }>, 'message' | 'host' | 'where'>

/** `[WARNING]: …`, with the host and the place where they are known. */
export function warningText({ message, host, where }: Warning, paint: Paint): string {
  const place = where ? ` (${where.file}:${where.line}:${where.column})` : ''
  const who = host === undefined ? '' : `${host}: `
  return `${paint.warning(`[WARNING]: ${who}${clean(message)}${place}`)}\n`
}

/** What the connections cost, from `-v` on. */
export function connectionText(event: Extract<Event, { type: 'run-finished' }>, layout: Layout): string {
  const hosts = Object.entries(event.connections)
  if (layout.verbosity < 1 || hosts.length === 0) return ''
  const width = Math.max(...hosts.map(([host]) => host.length))
  const lines = hosts.map(([host, { roundTrips, bytesSent, bytesReceived, connectMs }]) => {
    const bytes = `${kilobytes(bytesSent)} out, ${kilobytes(bytesReceived)} in`
    return `${pad(host, width)} : ${roundTrips} round trips, ${bytes}, connected in ${duration(connectMs)}`
  })
  return layout.paint.dim(`${lines.join('\n')}\nrun time: ${duration(event.ms)}`).concat('\n\n')
}

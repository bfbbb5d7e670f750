// A closed loop of connections that ask as fast as they are answered. Raw sockets: the client shares the processors with what it measures.
import { connect } from 'node:net'

/**
 * Asks for `seconds` over `connections` connections; `{ ms: [latency of each answer], failed, seconds }`.
 * An answer that is not 200, or a connection that breaks before one came, is a failure.
 */
export async function load({ port, method, path, headers = {}, body = '' }, { connections, seconds }) {
  const lines = {
    host: `127.0.0.1:${port}`,
    ...(method === 'POST' ? { 'content-length': Buffer.byteLength(body) } : {}),
    ...headers,
  }
  const request = `${method} ${path} HTTP/1.1\r\n${Object.entries(lines)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${body}`
  const ms = []
  const failures = {}
  const start = performance.now()
  const end = start + seconds * 1000
  await Promise.all(Array.from({ length: connections }, () => loop()))
  return { ms, failures, seconds: (performance.now() - start) / 1000 }

  async function loop() {
    let line
    while (performance.now() < end) {
      const asked = performance.now()
      line ??= new Line(port)
      const { status, close } = await line.ask(request)
      if (status === 200) ms.push(performance.now() - asked)
      else failures[status] = (failures[status] ?? 0) + 1
      if (close) {
        line.end()
        line = undefined
      }
    }
    line?.end()
  }
}

/** One connection, one request at a time. */
class Line {
  #socket
  #answer
  #text = ''
  constructor(port) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', chunk => {
      this.#text += chunk
      this.#read()
    })
    this.#socket.on('error', error => this.#give({ status: error.code, close: true }))
    this.#socket.on('close', () => this.#give(whole(this.#text, true) ?? { status: 'closed', close: true }))
  }
  ask(request) {
    this.#text = ''
    this.#socket.write(request)
    return new Promise(resolve => {
      this.#answer = resolve
    })
  }
  end() {
    this.#socket.destroy()
  }
  #read() {
    const found = whole(this.#text, false)
    if (found) this.#give(found)
  }
  #give(answer) {
    const resolve = this.#answer
    this.#answer = undefined
    resolve?.(answer)
  }
}

/** The status of an answer that has come whole; `undefined`: not yet. */
function whole(text, ended) {
  const split = text.indexOf('\r\n\r\n')
  if (split < 0) return undefined
  const head = text.slice(0, split).toLowerCase()
  const length = /\ncontent-length: *(\d+)/.exec(head)?.[1]
  if (length === undefined ? !ended : text.length - split - 4 < Number(length)) return undefined
  return { status: Number(head.slice(9, 12)), close: head.startsWith('http/1.0') || /\nconnection: *close/.test(head) }
}

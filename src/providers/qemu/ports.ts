import { createServer } from 'node:net'

/** Why a port of this machine cannot be listened on (`EADDRINUSE`, `EACCES`, …); undefined: it can. */
export function portProblem(address: string, port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', error => resolve('code' in error ? String(error.code) : error.message))
    server.listen(port, address, () => server.close(() => resolve(undefined)))
  })
}

import { reasonOf } from '../errors.ts'

/**
 * Ends the command as Ctrl-C does when nobody reads its output any more (`mlops logs | head`), and says what else keeps it
 * from being written. Plays go on all the same, as who reports them listens, too; output that is lost makes their status 1.
 */
export function endWithoutReader(): void {
  let isTold = false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    const outlives = process.stdout.listenerCount('error') > 1
    if (error.code === 'EPIPE') {
      if (!outlives) process.kill(process.pid, 'SIGINT')
      return
    }
    if (isTold) return
    isTold = true
    process.stderr.write(`error: the output cannot be written: ${reasonOf(error)}\n`)
    if (!outlives) process.exit(1)
    process.on('exit', status => {
      if (status === 0) process.exitCode = 1
    })
  })
  process.stderr.on('error', () => {})
}

/**
 * Ends the command as Ctrl-C does when nobody reads its output any more (`mlops logs | head`), and says what else keeps it
 * from being written. Plays go on without a reader: who reports them listens, too.
 */
export function endWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (process.stdout.listenerCount('error') > 1) return
    if (error.code === 'EPIPE') process.kill(process.pid, 'SIGINT')
    else {
      process.stderr.write(`error: the output cannot be written: ${error.message}\n`)
      process.exit(1)
    }
  })
  process.stderr.on('error', () => {})
}

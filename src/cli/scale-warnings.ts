/** What users notice when nothing of a service runs any more, for the parts of the application that somebody waits for. */
export function warningsOfNone(numbers: Readonly<Record<string, number>>): string[] {
  const none = Object.keys(numbers).filter(name => numbers[name] === 0)
  // without web nobody hands in jobs
  const told = none.filter(name => name !== 'worker' || !none.includes('web'))
  return told.flatMap(name => {
    const what = consequences[name]
    return what === undefined ? [] : [`${name}=0: ${what} until mlops scale ${name}=1 or more`]
  })
}

/** Warns of numbers that leave users without an answer. */
export function warnOfNone(numbers: Readonly<Record<string, number>>): void {
  for (const warning of warningsOfNone(numbers)) process.stderr.write(`[WARNING]: ${warning}\n`)
}

const consequences: Readonly<Record<string, string>> = {
  proxy: 'users reach nothing',
  web: 'nobody answers users',
  worker: 'web takes requests, but their jobs wait',
  rabbit: 'no job reaches a worker, and nothing is predicted',
}

// What a process and all that it started use, from /proc.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Processor time in milliseconds, of those that live: kernel and user. */
export function cpuMs(pid) {
  return family(pid).reduce((sum, each) => sum + ((each.user + each.system) / ticksPerSecond) * 1000, 0)
}

/** Megabytes in memory: resident, and proportional, where what several processes share is divided among them. */
export function memoryMb(pid) {
  const texts = family(pid).map(each => readFileSync(`/proc/${each.pid}/smaps_rollup`, 'utf8'))
  const sum = name =>
    texts.reduce((all, text) => all + Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024, 0)
  return { rss: sum('Rss'), pss: sum('Pss') }
}

/** The process, and its children's children. */
export function family(pid) {
  const all = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(read)
  const found = all.filter(each => each.pid === pid)
  for (const one of found) found.push(...all.filter(each => each.parent === one.pid))
  return found
}

function read(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in brackets, and may hold blanks and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return [{ pid: Number(pid), parent: Number(fields[1]), user: Number(fields[11]), system: Number(fields[12]) }]
  } catch {
    return []
  }
}

// What a command costs: time, processor time of it and all that it started, and of the hosts; memory.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs'

const SAMPLE_MS = 20

/** Runs a command to its end, in a control group of its own. Needs root and cgroup v1 or v2. */
export async function measure([command, ...args], { env = {}, clocks = [], limitMs = 600_000 } = {}) {
  const group = new Group()
  const hostsBefore = nanoseconds(clocks)
  const machineBefore = busyMs()
  const start = performance.now()
  const child = spawn('sh', ['-c', group.enter, 'sh', command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', text => {
      output[name] += text
    })
  }
  let memoryMb = 0
  const sampler = setInterval(() => {
    memoryMb = Math.max(memoryMb, group.memoryMb())
  }, SAMPLE_MS)
  const killer = setTimeout(() => group.end(), limitMs)
  const status = await new Promise(resolve => child.on('exit', code => resolve(code ?? 255)))
  const wallMs = performance.now() - start
  clearInterval(sampler)
  clearTimeout(killer)
  const atExit = { cpuMs: group.cpuMs(), hostMs: (nanoseconds(clocks) - hostsBefore) / 1e6 }
  const otherMs = busyMs() - machineBefore - atExit.cpuMs - atExit.hostMs
  // masters of ssh that it left behind count, and end here: the next run begins cold
  await group.end()
  return {
    ...output,
    status,
    wallMs,
    cpuMs: group.close(),
    hostMs: (nanoseconds(clocks) - hostsBefore) / 1e6,
    memoryMb,
    otherShare: Math.max(0, otherMs / wallMs / cores()),
  }
}

class Group {
  constructor() {
    const name = `mlops-bench-${process.pid}`
    this.v2 = !exists('/sys/fs/cgroup/cpuacct')
    this.folders = this.v2
      ? [`/sys/fs/cgroup/${name}`]
      : ['cpuacct', 'memory'].map(kind => `/sys/fs/cgroup/${kind}/${name}`)
    for (const folder of this.folders) mkdirSync(folder, { recursive: true })
    this.enter = `${this.folders.map(folder => `echo $$ >${folder}/cgroup.procs`).join(' && ')} && exec "$@"`
  }

  cpuMs() {
    const [folder] = this.folders
    if (!this.v2) return Number(readFileSync(`${folder}/cpuacct.usage`, 'utf8')) / 1e6
    return Number(/usage_usec (\d+)/.exec(readFileSync(`${folder}/cpu.stat`, 'utf8'))[1]) / 1e3
  }

  /** Anonymous memory of all processes. */
  memoryMb() {
    const text = readFileSync(`${this.folders.at(-1)}/memory.stat`, 'utf8')
    return Number((this.v2 ? /^anon (\d+)/m : /^total_rss (\d+)/m).exec(text)?.[1] ?? 0) / 2 ** 20
  }

  pids() {
    return readFileSync(`${this.folders[0]}/cgroup.procs`, 'utf8').trim().split('\n').filter(Boolean).map(Number)
  }

  async end() {
    for (let i = 0; i < 100 && this.pids().length > 0; i++) {
      for (const pid of this.pids()) {
        try {
          process.kill(pid, i < 20 ? 'SIGTERM' : 'SIGKILL')
        } catch {
          // it ended meanwhile
        }
      }
      await new Promise(resolve => setTimeout(resolve, 25))
    }
  }

  close() {
    const cpuMs = this.cpuMs()
    for (const folder of this.folders) rmdirSync(folder)
    return cpuMs
  }
}

function nanoseconds(files) {
  return files.reduce((sum, file) => sum + Number(readFileSync(file, 'utf8')), 0)
}

/** Processor time that the whole machine has spent. */
function busyMs() {
  const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .split(/ +/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq + steal) * 10
}

function cores() {
  return readFileSync('/proc/stat', 'utf8').match(/^cpu\d/gm).length
}

function exists(path) {
  try {
    readFileSync(`${path}/cgroup.procs`)
    return true
  } catch {
    return false
  }
}

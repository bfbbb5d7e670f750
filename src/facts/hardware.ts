import { printFiles, readFiles } from '../shell/sections.ts'
import type { Fact } from './fact.ts'

/** Memory, processors, load, uptime. */
export const hardware: Fact = {
  subset: 'hardware',
  topics: ['memory', 'memtotal_mb', 'processor', 'cpu', 'uptime', 'loadavg'],
  look: printFiles('/proc/meminfo', '/proc/cpuinfo', '/proc/uptime', '/proc/loadavg'),
  read({ stdout }) {
    const files = readFiles(stdout)
    const load = (files.get('/proc/loadavg') ?? '').split(' ').map(Number)
    return {
      ...memory(files.get('/proc/meminfo') ?? ''),
      ...processors(files.get('/proc/cpuinfo') ?? ''),
      uptime_seconds: Math.floor(Number.parseFloat(files.get('/proc/uptime') ?? '0')),
      loadavg: { '1m': load[0] ?? 0, '5m': load[1] ?? 0, '15m': load[2] ?? 0 },
    }
  },
}

function memory(text: string): Record<string, unknown> {
  const kib = new Map<string, number>()
  for (const line of text.split('\n')) {
    const match = /^(\w+):\s+(\d+)/.exec(line)
    if (match?.[1]) kib.set(match[1], Number(match[2]))
  }
  const mb = (name: string) => Math.floor((kib.get(name) ?? 0) / 1024)
  const unused = mb('MemFree') + mb('Cached') + mb('Buffers')
  return {
    memtotal_mb: mb('MemTotal'),
    memfree_mb: mb('MemFree'),
    swaptotal_mb: mb('SwapTotal'),
    swapfree_mb: mb('SwapFree'),
    memory_mb: {
      real: { total: mb('MemTotal'), used: mb('MemTotal') - mb('MemFree'), free: mb('MemFree') },
      nocache: { free: unused, used: mb('MemTotal') - unused },
      swap: {
        total: mb('SwapTotal'),
        free: mb('SwapFree'),
        used: mb('SwapTotal') - mb('SwapFree'),
        cached: mb('SwapCached'),
      },
    },
  }
}

/** As Ansible counts: sockets, cores of a socket, threads of a core. ARM says none of these, so each processor counts as a socket. */
function processors(text: string): Record<string, unknown> {
  const list: string[] = []
  const sockets = new Set<string>()
  let count = 0
  let cores = 1
  let siblings = 1
  for (const line of text.split('\n')) {
    const [key, value] = split(line)
    if (key === 'processor') count++
    if (['processor', 'vendor_id', 'model name', 'Processor', 'cpu model'].includes(key)) list.push(value)
    if (key === 'physical id') sockets.add(value)
    if (key === 'cpu cores') cores = Number(value)
    if (key === 'siblings') siblings = Number(value)
  }
  const threads = sockets.size === 0 ? 1 : Math.max(1, Math.floor(siblings / cores))
  const socketCount = sockets.size === 0 ? count : sockets.size
  const perSocket = sockets.size === 0 ? 1 : cores
  return {
    processor: list,
    processor_count: socketCount,
    processor_cores: perSocket,
    processor_threads_per_core: threads,
    processor_vcpus: socketCount * perSocket * threads,
    processor_nproc: count,
  }
}

function split(line: string): [key: string, value: string] {
  const at = line.indexOf(':')
  return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()]
}

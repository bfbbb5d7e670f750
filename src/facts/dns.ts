import { printFiles, readFiles } from '../shell/sections.ts'
import type { Fact } from './fact.ts'

/** What resolv.conf says. */
export const dns: Fact = {
  subset: 'min',
  topics: ['dns'],
  look: printFiles('/etc/resolv.conf'),
  read: ({ stdout }) => ({ dns: settings(readFiles(stdout).get('/etc/resolv.conf') ?? '') }),
}

function settings(text: string): Record<string, unknown> {
  const nameservers: string[] = []
  let found: Record<string, unknown> = {}
  for (const line of text.split('\n')) {
    const [key, ...rest] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (key === 'nameserver') nameservers.push(...rest)
    if (key === 'domain') found = { ...found, domain: rest[0] ?? '' }
    if (key === 'search' || key === 'sortlist') found = { ...found, [key]: rest }
    if (key === 'options') {
      found = { ...found, options: Object.fromEntries(rest.map(o => [o.split(':')[0], o.split(':')[1] ?? true])) }
    }
  }
  return nameservers.length > 0 ? { nameservers, ...found } : found
}

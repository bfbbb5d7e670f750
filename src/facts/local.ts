import { sections } from '../shell/sections.ts'
import { sh } from '../shell/sh.ts'
import type { Fact } from './fact.ts'

/** Facts that the host's owner wrote: `/etc/ansible/facts.d/NAME.fact`, JSON or INI, run when executable. */
export const local: Fact = {
  subset: 'min',
  topics: ['local'],
  look: sh`
for file in /etc/ansible/facts.d/*.fact; do
  [ -f "$file" ] || continue
  name=\${file##*/}
  printf '\036%s\n' "\${name%.fact}"
  if [ -x "$file" ]; then "$file" </dev/null; else cat -- "$file"; fi
done`,
  read({ stdout }) {
    const found: Record<string, unknown> = {}
    for (const [name, text] of sections(stdout)) found[name] = parse(text)
    return { local: found }
  },
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return ini(text)
  }
}

function ini(text: string): Record<string, Record<string, string>> {
  const all: Record<string, Record<string, string>> = {}
  let current: Record<string, string> | undefined
  for (const line of text.split('\n')) {
    const name = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1]
    const entry = /^\s*([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line)
    if (name !== undefined) {
      current = {}
      all[name] = current
    } else if (entry?.[1] !== undefined && current) {
      current[entry[1].toLowerCase()] = entry[2] ?? ''
    }
  }
  return all
}

import type { ScriptResult } from '../connection/connection.ts'
import { section } from '../shell/sections.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import type { Fact } from './fact.ts'

/** One script that looks for all of `facts`; each in a subshell, so that one that fails leaves the others whole. */
export function gatherScript(facts: readonly Fact[]): Script {
  return lines(
    sh`export LC_ALL=C`,
    ...facts.map((fact, i) => lines(section(`fact-${i}`), sh`(`, fact.look, sh`) 2>/dev/null`)),
    sh`:`,
  )
}

/** The facts in the output of `gatherScript(facts)`, by name without the `ansible_` prefix. */
export function readFacts(output: ScriptResult, facts: readonly Fact[]): Readonly<Record<string, unknown>> {
  const parts = split(output.stdout)
  const all: Record<string, unknown> = {}
  facts.forEach((fact, i) => {
    const stdout = parts.get(i)
    if (stdout !== undefined) Object.assign(all, fact.read({ ...output, stdout }))
  })
  return all
}

/**
 * The facts that Ansible's `gather_subset` selects: `all`, `min`, `network`, `!hardware`, …. The minimal ones are
 * always in, unless `!min` or `!all` with `!min` says otherwise.
 */
export function selectFacts(facts: readonly Fact[], subsets: readonly string[]): readonly Fact[] {
  const wanted = subsets.filter(s => !s.startsWith('!')).flatMap(name => [name, ...(brings[name] ?? [])])
  const unwanted = subsets.filter(s => s.startsWith('!')).map(s => s.slice(1))
  const named = (fact: Fact, name: string) => fact.subset === name || fact.topics?.includes(name) === true
  return facts.filter(fact => {
    if (wanted.some(name => fact.topics?.includes(name))) return true
    if (unwanted.some(name => named(fact, name))) return false
    if (fact.subset === 'min' || wanted.includes(fact.subset)) return true
    return (wanted.length === 0 || wanted.includes('all')) && !unwanted.includes('all')
  })
}

/** Subsets that Ansible's collectors ask for first. */
const brings: Readonly<Record<string, readonly string[]>> = {
  network: ['distribution', 'platform'],
  hardware: ['platform'],
}

/** A look has parts of its own, so the text is cut at the marks of the facts only. */
function split(stdout: string): Map<number, string> {
  const parts = new Map<number, string>()
  let current = -1
  for (const piece of stdout.split('\x1efact-')) {
    if (current === -1) {
      current = -2
      continue
    }
    const end = piece.indexOf('\n')
    const index = Number(piece.slice(0, end))
    if (end > 0 && Number.isInteger(index)) parts.set(index, piece.slice(end + 1))
  }
  return parts
}

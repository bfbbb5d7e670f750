import { unsafeText } from '../source/careful.ts'
import { toJson } from '../template/python/json.ts'
import { str } from '../template/python/print.ts'
import { isTuple, tuple } from '../template/python/values.ts'
import { toYaml } from '../template/python/yaml-dump.ts'
import { MASK } from '../vault/revealed.ts'
import { vaultText } from '../vault/value.ts'

/** Data as Ansible's tools print JSON: keys sorted, four blanks. Encrypted values stay encrypted, unsafe ones are marked. */
export function asJson(value: unknown): string {
  const data = replaced(value, {
    vault: text => ({ __ansible_vault: text }),
    unsafe: text => ({ __ansible_unsafe: text }),
  })
  return `${toJson(data, { indent: 4, sortKeys: true, ensureAscii: false })}\n`
}

/** Data as YAML. Encrypted and unsafe values have their tags. */
export function asYaml(value: unknown): string {
  const kept: string[] = []
  const keep = (text: string) => {
    kept.push(text)
    return `\u0001${kept.length - 1}\u0001`
  }
  const data = replaced(value, {
    vault: text => keep(`!vault |-\n${text}`),
    unsafe: text => keep(`!unsafe ${toYaml(text, { flow: false }).trimEnd()}`),
  })
  return toYaml(data, { flow: false }).replace(
    /^([ -]*)([^\n]*?)"\\x01(\d+)\\x01"/gm,
    (_, indent: string, key: string, i: string) => {
      const [first, ...lines] = (kept[Number(i)] ?? '').split('\n')
      return `${indent}${key}${[first, ...lines.map(line => `${' '.repeat(indent.length)}  ${line}`)].join('\n')}`
    },
  )
}

/** A value as Python prints it, for people. Encrypted values are not shown. */
export function pythonLine(value: unknown): string {
  return str(replaced(value, { vault: () => MASK, unsafe: text => text }))
}

interface Stand {
  readonly vault: (text: string) => unknown
  readonly unsafe: (text: string) => unknown
}

function replaced(value: unknown, stand: Stand): unknown {
  if (isTuple(value)) return tuple(value.map(item => replaced(item, stand)))
  if (Array.isArray(value)) return value.map(item => replaced(item, stand))
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, stand)]))
  }
  const secret = vaultText(value)
  if (secret !== undefined) return stand.vault(secret)
  const unsafe = unsafeText(value)
  return unsafe === undefined ? value : stand.unsafe(unsafe)
}

import { toJson } from '../template/python/json.ts'
import { str } from '../template/python/print.ts'
import { toYaml } from '../template/python/yaml-dump.ts'
import { MASK } from '../vault/revealed.ts'
import { vaultText } from '../vault/value.ts'

/** Data as Ansible's tools print JSON: keys sorted, four blanks. Encrypted values stay encrypted. */
export function asJson(value: unknown): string {
  const data = replaced(value, text => ({ __ansible_vault: text }))
  return `${toJson(data, { indent: 4, sortKeys: true, ensureAscii: false })}\n`
}

/** Data as YAML. Encrypted values stay encrypted, under their tag. */
export function asYaml(value: unknown): string {
  const vaults: string[] = []
  const data = replaced(value, text => {
    vaults.push(text)
    return `\u0001${vaults.length - 1}\u0001`
  })
  return toYaml(data, { flow: false }).replace(
    /^([ -]*)([^\n]*?)"\\x01(\d+)\\x01"/gm,
    (_, indent: string, key: string, i: string) => {
      const lines = (vaults[Number(i)] ?? '').split('\n').map(line => `${' '.repeat(indent.length)}  ${line}`)
      return `${indent}${key}!vault |-\n${lines.join('\n')}`
    },
  )
}

/** A value as Python prints it, for people. Encrypted values are not shown. */
export function pythonLine(value: unknown): string {
  return str(replaced(value, () => MASK))
}

function replaced(value: unknown, vault: (text: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map(item => replaced(item, vault))
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, vault)]))
  }
  const text = vaultText(value)
  return text === undefined ? value : vault(text)
}

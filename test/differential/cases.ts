import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A playbook with its files, to be played by Ansible and by us. */
export interface Case {
  readonly name: string
  readonly args: readonly string[]
  readonly files: Readonly<Record<string, string>>
}

/**
 * The playbooks of `cases/*.txt`. A case begins with `=== name | hosts a b | args -t x`; then stands its playbook
 * (plays; or the rest of a play on all hosts; or only its tasks), then further files, each after `--- path`.
 */
export function cases(): Case[] {
  const folder = join(import.meta.dirname, 'cases')
  return readdirSync(folder)
    .sort()
    .flatMap(file =>
      readFileSync(join(folder, file), 'utf8')
        .split(/^=== /m)
        .slice(1)
        .map(text => read(text, file.replace(/\.txt$/, ''))),
    )
}

function read(text: string, topic: string): Case {
  const [head = '', ...rest] = text.split('\n')
  const [title = '', ...options] = head.split('|').map(part => part.trim())
  const option = (word: string) =>
    options.flatMap(each => (each.startsWith(`${word} `) ? each.slice(word.length + 1).split(' ') : []))
  const [site = '', ...others] = rest.join('\n').split(/^--- /m)
  const hosts = option('hosts').length > 0 ? option('hosts') : ['a', 'b']
  const inventory = hosts.map(host => `${host}\n`).join('')
  const files = Object.fromEntries(
    others.map(each => [each.slice(0, each.indexOf('\n')), each.slice(each.indexOf('\n') + 1)]),
  )
  return {
    name: `${topic}: ${title}`,
    args: option('args'),
    files: {
      ...files,
      'site.yml': playbook(site),
      'hosts.ini': `${files['hosts.ini'] ?? inventory}\n[all:vars]\nansible_connection=local\nansible_python_interpreter=/usr/bin/python3\n`,
    },
  }
}

function playbook(text: string): string {
  if (/^- (hosts|import_playbook|name: play)\b/m.test(text)) return text
  const indent = (by: number) => text.replaceAll(/^(?=.)/gm, ' '.repeat(by))
  const play = '- hosts: all\n  gather_facts: false\n'
  return /^\w/m.test(text) ? play + indent(2) : `${play}  tasks:\n${indent(4)}`
}

import { didYouMean } from '../near.ts'
import { data, type MapNode, type SourceDocument, type SourceNode } from '../source/node.ts'
import type { Draft, DraftGroup, Settings } from './draft.ts'
import { expandHosts } from './host-pattern.ts'
import { readScriptOutput } from './script.ts'

const SECTIONS = ['hosts', 'children', 'vars']

/** Reads an inventory in Ansible's YAML format into the draft; what is wrong goes to the draft's errors. */
export function readYaml(documents: readonly SourceDocument[], file: string, draft: Draft): void {
  for (const { root, warnings } of documents) {
    draft.warnings.push(...warnings.map(({ message, at }) => `${at.file}:${at.line}: ${message}`))
    if (isNull(root)) continue
    if (root.kind !== 'map') draft.error('syntax', 'an inventory is a mapping of groups', root.at)
    else if (root.get('_meta'))
      readScriptOutput(data(root) as Record<string, unknown>, { file, draft }) // data of a map
    else new YamlReader(file, draft).readGroups(root)
  }
}

class YamlReader {
  private readonly file: string
  private readonly draft: Draft

  constructor(file: string, draft: Draft) {
    this.file = file
    this.draft = draft
  }

  readGroups(groups: MapNode, parent?: DraftGroup): void {
    for (const { key, value } of groups.entries) {
      const group = this.draft.group(String(key.value))
      if (parent) this.draft.addChild(parent, group, key.at)
      if (value.kind === 'map') this.readGroup(group, value)
      else if (!isNull(value)) {
        this.draft.error('syntax', `group \`${group.name}\` must be a mapping of hosts, children and vars`, value.at)
      }
    }
  }

  private readGroup(group: DraftGroup, node: MapNode): void {
    for (const { key, value } of node.entries) {
      const section = String(key.value)
      if (section === 'hosts') this.readHosts(group, value)
      else if (section === 'children') this.readChildren(group, value)
      else if (section === 'vars') this.readVars(group.settings, value, `vars of group \`${group.name}\``)
      else {
        const hint = didYouMean(section, SECTIONS) ?? 'groups below a group stand under `children:`'
        this.draft.error('syntax', `a group has hosts, children and vars, but no \`${section}\``, key.at, hint)
      }
    }
  }

  private readHosts(group: DraftGroup, node: SourceNode): void {
    if (node.kind === 'scalar' && typeof node.value === 'string') this.readHost(group, node.value, node, undefined)
    else if (node.kind === 'map') {
      for (const { key, value } of node.entries) this.readHost(group, String(key.value), key, value)
    } else if (!isNull(node)) {
      const hint = 'write each host as a key: `web1:` instead of `- web1`'
      this.draft.error('syntax', `hosts of group \`${group.name}\` must be a mapping`, node.at, hint)
    }
  }

  private readHost(group: DraftGroup, text: string, place: SourceNode, vars: SourceNode | undefined): void {
    const hosts = expandHosts(text)
    if ('problem' in hosts) {
      this.draft.error('syntax', hosts.problem, place.at)
      return
    }
    const settings: Settings = new Map()
    if (hosts.port !== undefined) settings.set('ansible_port', { value: hosts.port, at: () => place.at })
    if (vars) this.readVars(settings, vars, `host \`${text}\``)
    for (const name of hosts.names) {
      const host = this.draft.host(name, group, this.file)
      for (const [key, setting] of settings) host.settings.set(key, setting)
    }
  }

  private readChildren(group: DraftGroup, node: SourceNode): void {
    if (node.kind === 'scalar' && typeof node.value === 'string') {
      this.draft.addChild(group, this.draft.group(node.value), node.at)
    } else if (node.kind === 'map') this.readGroups(node, group)
    else if (!isNull(node)) {
      const hint = 'write each group as a key: `web:` instead of `- web`'
      this.draft.error('syntax', `children of group \`${group.name}\` must be a mapping`, node.at, hint)
    }
  }

  private readVars(settings: Settings, node: SourceNode, what: string): void {
    if (isNull(node)) return
    if (node.kind !== 'map') {
      this.draft.error('syntax', `${what} must be a mapping of variables`, node.at)
      return
    }
    for (const { key, value } of node.entries) {
      settings.set(String(key.value), { value: data(value), at: () => key.at })
    }
  }
}

function isNull(node: SourceNode): boolean {
  return node.kind === 'scalar' && node.value === null
}

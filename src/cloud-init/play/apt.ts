import { keyText, type SourceNode } from '../../source/node.ts'
import { type Draft, literal, type Template } from './draft.ts'
import { textOf } from './values.ts'

const PLAYED = ['sources', 'conf', 'proxy', 'http_proxy', 'https_proxy', 'ftp_proxy', 'preserve_sources_list']

/** `apt`: sources of packages with their keys, settings, and proxies. */
export function apt(node: SourceNode, draft: Draft): void {
  if (node.kind !== 'map') return
  for (const { key } of node.entries) {
    if (!PLAYED.includes(keyText(key))) draft.refuse(`\`apt.${keyText(key)}\` cannot be played`, key)
  }
  const proxies = ['proxy', 'http_proxy', 'https_proxy', 'ftp_proxy'].flatMap(name => {
    const proxy = textOf(node.get(name))
    const scheme = name === 'proxy' ? 'http' : name.replace('_proxy', '')
    return proxy === undefined ? [] : [`Acquire::${scheme}::Proxy "${proxy}";\n`]
  })
  if (proxies.length > 0) file('/etc/apt/apt.conf.d/90cloud-init-aptproxy', proxies.join(''), node, draft)
  const conf = node.get('conf')
  if (conf) file('/etc/apt/apt.conf.d/94cloud-init-config', textOf(conf) ?? '', conf, draft)
  const sources = node.get('sources')
  for (const { key, value } of sources?.kind === 'map' ? sources.entries : []) source(keyText(key), value, draft)
}

function source(name: string, node: SourceNode, draft: Draft): void {
  if (node.kind !== 'map') return
  for (const { key, value } of node.entries) {
    const unplayed = !['source', 'key', 'filename', 'append', 'keyid', 'keyserver'].includes(keyText(key))
    if (unplayed) draft.refuse(`\`${keyText(key)}\` of a source of packages cannot be played`, key)
    if (keyText(key) === 'keyid' && node.get('key') === undefined)
      draft.refuse('`keyid` asks a key server, which play does not', value, 'write the key itself: `key`')
  }
  const key = node.get('key')
  const line = node.get('source')
  const text = textOf(line)
  const named = name.replace(/\.list$/, '')
  const keyFile = `${text?.includes('$KEY_FILE') ? '/etc/apt/cloud-init.gpg.d' : '/etc/apt/trusted.gpg.d'}/${named}.asc`
  if (key) file(keyFile, textOf(key) ?? '', key, draft)
  if (line === undefined || text === undefined) return
  const unknown = /\$(?!KEY_FILE\b|RELEASE\b)[A-Z_]+/.exec(text)
  if (unknown) {
    draft.refuse(`\`${unknown[0]}\` of a source of packages cannot be played`, line, 'write the address itself')
    return
  }
  if (text.startsWith('ppa:')) {
    draft.refuse('a `ppa:` cannot be played', line, 'write its `deb` line and its key')
    return
  }
  const target = textOf(node.get('filename')) ?? name
  const path = target.startsWith('/') ? target : `/etc/apt/sources.list.d/${target.replace(/\.list$/, '')}.list`
  file(path, withRelease(`${text.replaceAll('$KEY_FILE', keyFile)}\n`), line, draft)
}

function withRelease(text: string): string | Template {
  const parts = text.split('$RELEASE')
  return parts.length === 1 ? text : { template: parts.map(literal).join('{{ ansible_facts.distribution_release }}') }
}

function file(path: string, content: string | Template, node: SourceNode, draft: Draft): void {
  const folder = path.replace(/\/[^/]*$/, '')
  draft.task({ key: 'apt', what: folder, module: 'file', args: { path: folder, state: 'directory' }, at: node.at })
  const args = { dest: path, content, owner: 'root', group: 'root', mode: '0644' }
  draft.task({ key: 'apt', what: path, module: 'copy', args, at: node.at, notify: 'package lists' })
  const lists = { module: 'apt', args: { update_cache: true }, at: node.at }
  draft.handler({ key: 'apt', what: 'package lists', ...lists })
}

import { dirname } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { MapNode, SourceNode } from '../../source/node.ts'
import type { Draft } from './draft.ts'
import { isTrue, itemsOf, textOf } from './values.ts'

/** `write_files`: those that are written before users are made, or those that are deferred until packages are installed. */
export function writeFiles(node: SourceNode, draft: Draft, { deferred }: { readonly deferred: boolean }): void {
  for (const item of itemsOf(node)) {
    if (item.kind === 'map' && isTrue(item.get('defer')) === deferred) writeFile(item, draft)
  }
}

function writeFile(map: MapNode, draft: Draft): void {
  const path = textOf(map.get('path'))
  if (path === undefined) return
  const source = map.get('source')
  if (source) {
    draft.refuse(
      '`source` of a file cannot be played',
      source,
      'write the content itself, or use get_url in a playbook',
    )
    return
  }
  const content = decoded(map, draft)
  if (content === undefined) return
  // without a group, that of the file stays
  const [owner = 'root', group] = (textOf(map.get('owner')) ?? 'root:root').split(':')
  const mode = octal(textOf(map.get('permissions')) ?? '0644')
  if (mode === undefined) {
    draft.refuse('`permissions` must be octal digits', map.get('permissions') ?? map, "write '0644'")
    return
  }
  const at = map.at
  const folder = dirname(path)
  if (folder !== '/') {
    draft.task({ key: 'write_files', what: folder, module: 'file', args: { path: folder, state: 'directory' }, at })
  }
  if (isTrue(map.get('append'))) {
    draft.task({
      key: 'write_files',
      what: `text in ${path}`,
      module: 'cloud_init_append',
      args: { path, content },
      at,
    })
    draft.task({ key: 'write_files', what: path, module: 'file', args: { path, owner, group, mode }, at })
  } else
    draft.task({
      key: 'write_files',
      what: path,
      module: 'copy',
      args: { dest: path, content, owner, group, mode },
      at,
    })
}

/** The content in plain text; undefined (and told) when it is none. */
function decoded(map: MapNode, draft: Draft): string | undefined {
  const content = map.get('content')
  const text = textOf(content) ?? ''
  const encoding = (textOf(map.get('encoding')) ?? 'text/plain').toLowerCase()
  const steps = encoding.split('+')
  const isPlain = !steps.every(step => ['gz', 'gzip', 'b64', 'base64'].includes(step))
  if (isPlain && !isBinary(content, text)) return text
  const isCoded = steps.some(step => step === 'b64' || step === 'base64')
  try {
    // what is not in base64 can only stand in YAML as a `!!binary`
    const bytes = Buffer.from(text, isCoded ? 'base64' : 'latin1')
    const plain = steps[0] === 'gz' || steps[0] === 'gzip' ? gunzipSync(bytes) : bytes
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain)
  } catch {
    const hint = 'only text can be played; copy other files in a playbook'
    draft.refuse(`the content of \`${textOf(map.get('path'))}\` is not a text in ${encoding}`, content ?? map, hint)
    return undefined
  }
}

/** Whether the value was written as `!!binary` and is no text: each character stands for a byte. */
function isBinary(node: SourceNode | undefined, text: string): boolean {
  if (node?.kind !== 'scalar' || !/[\x80-\xff]/.test(text)) return false
  return Buffer.from(text, 'latin1').toString('base64') === node.sourceText.replace(/^[|>][-+]?|[\s"']/g, '')
}

/** `0o644`, `644` and `0644` as four digits. */
function octal(text: string): string | undefined {
  const digits = text.trim().replace(/^0o/i, '')
  return /^[0-7]{1,5}$/.test(digits) ? digits.padStart(4, '0') : undefined
}

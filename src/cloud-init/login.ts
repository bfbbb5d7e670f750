import type { Position } from '../errors.ts'
import type { SourceNode } from '../source/node.ts'
import { KEY_STAND_IN } from './without-templates.ts'

/**
 * Where a cloud-config says which users there are, when none of them is the user that logs in with this key (or with the one that
 * stands for `{{ cluster_public_key }}`); undefined: all is well, or it cannot be told.
 */
export function whoIsLockedOut(root: SourceNode, user: string, publicKey: string | undefined): Position | undefined {
  const users = root.kind === 'map' ? root.entry('users') : undefined
  if (users?.value.kind !== 'seq') return undefined
  // the image's own user gets keys from elsewhere
  if (users.value.items.some(item => textOf(item) === 'default')) return undefined
  const own = users.value.items.find(item => item.kind === 'map' && textOf(item.get('name')) === user)
  if (own?.kind !== 'map') return users.key.at
  if (own.get('ssh_import_id') || own.get('ssh_redirect_user')) return undefined
  const keys = own.get('ssh_authorized_keys') ?? own.get('ssh-authorized-keys')
  const texts = keys?.kind === 'seq' ? keys.items.map(textOf) : [textOf(keys)]
  const wanted = [KEY_STAND_IN, publicKey].map(bare)
  return texts.some(text => text !== undefined && wanted.includes(bare(text))) ? undefined : (keys ?? own).at
}

function textOf(node: SourceNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined
}

/** Type and key, without options and comment. */
function bare(key: string | undefined): string | undefined {
  return key && /(?:ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/=]+/.exec(key)?.[0]
}

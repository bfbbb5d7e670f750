import type { MapNode, SourceNode } from '../../source/node.ts'
import type { Draft } from './draft.ts'
import { isTrue, itemsOf, textOf } from './values.ts'

/** `packages`, `package_update` and `package_upgrade`, with their older names. */
export function packages(root: MapNode, draft: Draft): void {
  const update = root.get('package_update') ?? root.get('apt_update')
  const upgrade = root.get('package_upgrade') ?? root.get('apt_upgrade')
  const list = root.get('packages')
  const names = itemsOf(list).flatMap(item => namesIn(item, draft))
  const wantsLists = [isTrue(update) && update, isTrue(upgrade) && upgrade, names.length > 0 && list].find(Boolean)
  if (wantsLists) {
    // as cloud-init, which fetches the lists before it installs anything
    const args = { update_cache: true, cache_valid_time: 3600 }
    const neededBy = ['package_upgrade', 'packages']
    draft.task({ key: 'package_update', neededBy, what: 'package lists', module: 'apt', args, at: wantsLists.at })
  }
  if (upgrade && isTrue(upgrade)) {
    const args = { upgrade: 'dist' }
    draft.task({ key: 'package_upgrade', what: 'all packages', module: 'apt', args, at: upgrade.at })
  }
  if (list && names.length > 0) {
    draft.task({ key: 'packages', what: names.join(', '), module: 'apt', args: { name: names }, at: list.at })
  }
}

/** A name, a name with its version, or the packages of a package manager. */
function namesIn(item: SourceNode, draft: Draft): string[] {
  switch (item.kind) {
    case 'scalar':
      return (textOf(item) ?? '') ? [textOf(item) ?? ''] : []
    case 'seq': {
      const [name = '', version] = item.items.map(part => textOf(part) ?? '')
      return [version === undefined ? name : `${name}=${version}`]
    }
    case 'map': {
      const snap = item.get('snap')
      if (snap) draft.refuse('packages of `snap` cannot be played', snap)
      return itemsOf(item.get('apt')).flatMap(each => namesIn(each, draft))
    }
    default:
      return item satisfies never
  }
}

import type { Line } from '../engine/line.ts'
import { MlopsError } from '../errors.ts'
import type { Project } from '../project/project.ts'
import { addKey, removeKey } from '../shell/authorized-keys.ts'
import { lines, type Script, sh } from '../shell/sh.ts'

/** Lines to the server that pushes and to the one that takes pushes, as their login users. */
export interface BothEnds {
  readonly from: Line
  readonly to: Line
}

/**
 * Puts a new key in the place of the one that the development server pushes with: made there, let in beside the old one under the same
 * restrictions, proved, put into use; then the old one goes. Done again, it goes on where it stopped. Gives the new public key.
 */
export async function rotateDeliveryKey(
  { from, to }: BothEnds,
  project: Project,
  onStep: (text: string) => void,
): Promise<{ from: string; to: string }> {
  const { repository } = project.delivery
  const [old = '', next = ''] = (await must(from, make)).split('\n')
  if (next !== '') {
    await must(to, addKey({ publicKey: next, like: old }))
    await must(from, pushes(repository, sh`id_ed25519.next`))
    onStep(`${project.delivery.to} takes pushes with the new key`)
    await must(from, change)
  }
  await must(to, removeKey(old))
  await must(from, lines(pushes(repository, sh`id_ed25519`), sh`cat id_ed25519.pub && rm -f id_ed25519.old.pub`))
  onStep(`${project.delivery.to} takes no pushes with the old key any more`)
  const now = await must(from, sh`cat "$HOME/.ssh/id_ed25519.pub"`)
  return { from: old, to: now.trim() }
}

/** Says the old public key, and the next one when it is not in use yet. */
const make = sh`
cd "$HOME/.ssh" 2>/dev/null && [ -f id_ed25519 ] || { echo 'it has no key to push with: mlops delivery setup makes one' >&2; exit 1; }
umask 077
if [ -f id_ed25519.old.pub ] && ! [ -f id_ed25519.next ]; then
  cat id_ed25519.old.pub
  exit
fi
[ -f id_ed25519.next ] || ssh-keygen -q -t ed25519 -N '' -C "$(cut -d ' ' -f 3- id_ed25519.pub)" -f id_ed25519.next || exit
cat id_ed25519.pub id_ed25519.next.pub`

const change = sh`
cd "$HOME/.ssh" && cp id_ed25519.pub id_ed25519.old.pub && mv -f id_ed25519.next id_ed25519 && mv -f id_ed25519.next.pub id_ed25519.pub`

/** Begins a push of nothing with one key alone: the settings of ssh and its agent are left out. */
function pushes(repository: string, key: Script): Script {
  // a flush packet: no branch is asked for (gitprotocol-pack, Pushing Data To a Server)
  return sh`
cd "$HOME/.ssh" && url=$(git -C ${repository} remote get-url production) || exit
printf 0000 | ssh -F none -i ${key} -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes -- "\${url%%:*}" \
  "git-receive-pack '\${url#*:}'" >/dev/null || exit`
}

async function must({ connection }: Line, script: Script): Promise<string> {
  const [result] = await connection.run([{ script, timeoutMs: 60_000 }])
  if (result?.status === 0) return result.stdout
  throw new MlopsError('keys.delivery', `the key of deliveries was not changed: ${result?.stderr.trim() ?? ''}`, {
    hint: 'nothing was lost: pushes still work; put that right, and run it again',
  })
}

import { lines, type Script, sh } from './sh.ts'

/** Type and key of a public key, without its comment. */
export function bareKey(publicKey: string): string {
  return publicKey.trim().split(/\s+/).slice(0, 2).join(' ')
}

/**
 * Lets a key in as another one is let in already: with the same options, beside it. Changes nothing when the key is there; fails where the
 * other one is not in the file.
 */
export function addKey({ publicKey, like }: { readonly publicKey: string; readonly like: string }): Script {
  return lines(
    authorizedKeys,
    sh`grep -qF -- ${bareKey(publicKey)} "$file" 2>/dev/null && exit 0`,
    rewrite(sh`awk -v like=${bareKey(like)} -v key=${publicKey} '
  { print }
  (at = index($0, like)) && $0 !~ /^[ \t]*#/ { print substr($0, 1, at - 1) key; found = 1 }
  END { exit !found }'`),
  )
}

/** Lets a key in no more. */
export function removeKey(publicKey: string): Script {
  return lines(authorizedKeys, rewrite(sh`awk -v key=${bareKey(publicKey)} 'index($0, key) == 0'`))
}

const authorizedKeys = sh`
set -u
umask 077
export LC_ALL=C
file=$HOME/.ssh/authorized_keys`

/** In one rename: whoever logs in meanwhile finds the old file or the new one. */
function rewrite(filter: Script): Script {
  return sh`
mkdir -p -- "$HOME/.ssh" && touch -- "$file" && cp -p -- "$file" "$file.new" || exit 1
${filter} <"$file" >"$file.new" && mv -f -- "$file.new" "$file" && exit 0
rm -f -- "$file.new"
echo "the key that is in force is not in $file" >&2
exit 1`
}

import { type Script, sh } from '../../shell/sh.ts'
import { pathWord } from '../../shell/words.ts'

/** The label of an image that holds the digest of what it was built from. */
export const contextLabel = 'mlops.context'

/**
 * Prints a digest of a build context: names, contents, links and execute bits of all that `.dockerignore` lets in, the
 * Dockerfile, and `also`. Patterns of `.dockerignore` that `find` would read differently than docker are not honoured: a wider
 * digest costs a build at most, a narrower one would miss a change.
 */
export function contextDigest(path: string, dockerfile: string | undefined, also: readonly string[]): Script {
  return sh`(
cd -- ${pathWord(path)} || exit
set --
if [ -r .dockerignore ] && ! grep -q '^[[:space:]]*!' .dockerignore; then
  while IFS= read -r line || [ -n "$line" ]; do
    line=\${line%"\${line##*[![:space:]]}"}
    line=\${line#/}; line=\${line#./}; line=\${line%/}
    case $line in
      ''|'#'*|.|*'\'*) ;;
      '**/'*/*) ;;
      '**/'*) set -- "$@" -name "\${line#'**/'}" -prune -o ;;
      *'*'*|*'?'*|*'['*) ;;
      *) set -- "$@" -path "./$line" -prune -o ;;
    esac
  done <.dockerignore
fi
{
  printf '%s\n' ${also}
  find . "$@" -type f -exec sha1sum {} + | LC_ALL=C sort -k 2
  find . "$@" -type f -perm -100 -print | LC_ALL=C sort
  find . "$@" -type l -exec ls -l {} + | sed 's/.* \(\.\/.* -> \)/\1/' | LC_ALL=C sort
  find . "$@" -type d -print | LC_ALL=C sort
  cat -- ${dockerfile ?? 'Dockerfile'} 2>/dev/null
} | sha1sum | cut -c 1-40
)`
}

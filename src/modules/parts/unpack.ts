import { lines, type Script, script, sh } from '../../shell/sh.ts'

export interface Unpacking {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly options: readonly string[]
  readonly keepNewer: boolean
}

/**
 * Finds out into `kind` how the archive `$s` is packed, from its first bytes, and defines `unpack_to FOLDER`, `packed_names`
 * and, for GNU tar, `compare_packed`. A tool that is missing ends the script with a text that names it.
 */
export function unpackFunctions({ include, exclude, options, keepNewer }: Unpacking): Script {
  const without = exclude.map(name => `--exclude=${name}`)
  const bare = exclude.map(name => name.replace(/^(\.\/)+/, ''))
  const drops = bare.map(name => sh`find . '(' -path ${`./${name}`} -o -name ${name} ')' -prune -exec rm -rf {} +`)
  const only = include.length > 0 ? sh`-- ${include}` : script('')
  const newer = keepNewer ? ['--keep-newer-files'] : []
  const left = exclude.length > 0 ? sh`-x ${exclude}` : script('')
  // unzip has no `--`: a name with a leading dash is written as a class of one character
  const members = include.map(name => name.replace(/^-/, '[-]'))
  return sh`
case $(od -An -v -tx1 -N 6 <"$s" | tr -d ' \n') in
  504b0304*|504b0506*) kind=zip ;;
  1f8b*) kind=gzip ;;
  425a68*) kind=bzip2 ;;
  fd377a585a*) kind=xz ;;
  28b52ffd*) kind=zstd ;;
  *) kind=cat ;;
esac
need=$kind; [ "$kind" != zip ] || need=unzip
for tool in "$need" $([ "$kind" = zip ] || echo tar); do
  command -v "$tool" >/dev/null 2>&1 || { printf 'Failed to find handler for "%s": %s is not on this host\n' "$s" "$tool" >&2; exit 1; }
done
plain() { if [ "$kind" = cat ]; then cat -- "$s"; else "$kind" -dc <"$s"; fi; }
packed_names() { plain | tar -t -f - ${options} ${without} ${only} 2>/dev/null; }
compare_packed() { plain | tar -d -f - -C "$p" ${options} ${without} ${only}; }
unpack_to() {
  if [ "$kind" = zip ]; then unzip ${keepNewer ? '-uo' : '-o'} ${options} "$s" ${members} ${left} -d "$1"
  elif tar --version 2>/dev/null | grep -q GNU; then plain | tar -x -f - -C "$1" ${options} ${newer} ${without} ${only}
  else
    # Another tar knows few options: what is not wanted is taken out again, so FOLDER must be an empty one
    plain | tar -x -f - -C "$1" ${options} ${only} && (cd -- "$1" && ${drops.length > 0 ? lines(...drops) : sh`:`})
  fi
}`
}

/** Shell function `same_tree A B`: whether all that is below A is below B too, with the same content. */
export const sameTreeFunction = sh`same_tree() (
  cd -- "$1" && find . -mindepth 1 -exec sh -c ${script(
    `'b=$1; shift; for f do
  if [ -L "$f" ]; then [ -L "$b/$f" ] && [ "$(readlink -- "$f")" = "$(readlink -- "$b/$f")" ] || echo "$f"
  elif [ -d "$f" ]; then [ -d "$b/$f" ] || echo "$f"
  else cmp -s -- "$f" "$b/$f" || echo "$f"; fi
done'`,
  )} sh "$2" {} + >"$1.differs"
  [ ! -s "$1.differs" ]; same=$?
  rm -f -- "$1.differs"
  exit "$same"
)`

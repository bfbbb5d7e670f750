import { section } from '../../shell/sections.ts'
import { lines, type Script, script, sh } from '../../shell/sh.ts'
import { pathWord } from '../../shell/words.ts'
import { statFormat } from './attributes.ts'
import { contentFunction } from './file-look.ts'
import type { FindArgs } from './find-args.ts'

/** Larger files are not searched through. */
const SEARCHED_BYTES = 4_000_000

/** Begins a record: names may hold anything that a line may, and line breaks. */
export const RECORD = '\x1f'

export function lookIn(path: string, number: number, args: FindArgs): Script {
  const depth = args.recurse ? args.depth : 1
  const below = sh`find ${args.follow ? '-L' : '-H'} "$p" -mindepth 1 ${depth ? ['-maxdepth', String(depth)] : []}`
  const type =
    args.follow || args.file_type === 'any' ? [] : ['-type', { directory: 'd', file: 'f', link: 'l' }[args.file_type]]
  const visible = args.hidden ? [] : ['!', '-name', '.*']
  const each = lines(
    sh`for f do
  stat -c ${`${RECORD}${statFormat}|%d|%i|%h|%X|%Y|%Z|%x|%y|%z|%n`} -- "$f" || continue`,
    args.get_checksum &&
      sh`  if [ -f "$f" ] && ! [ -L "$f" ]; then printf ${`${RECORD}s`}; ${script(`${args.checksum_algorithm}sum`)} <"$f"; fi`,
    args.contains !== undefined &&
      sh`  if [ -f "$f" ] && [ -r "$f" ] && ! [ -L "$f" ]; then
    printf ${`${RECORD}c`}
    if [ "$(wc -c <"$f")" -gt ${SEARCHED_BYTES} ]; then echo large; else content "$f"; fi
  fi`,
    sh`done`,
  )
  const whole = args.contains === undefined ? each : lines(contentFunction, each)
  return lines(
    sh`p=${pathWord(path)}`,
    section(`path ${number}`),
    sh`printf '%s' "$p"`,
    section(`found ${number}`),
    sh`if [ -d "$p" ]; then ${below} ${names(args)} ${type} ${visible} -exec sh -c ${whole.text} sh {} +; fi`,
    section(`wrong ${number}`),
    sh`[ -d "$p" ] || printf "'%s' is not a directory" "$p"`,
    section('examined'),
    sh`[ ! -d "$p" ] || ${below} -print0 2>/dev/null | tr -cd '\0' | wc -c`,
  )
}

/** Sorts out on the host what the patterns cannot mean; the exact answer is given here. */
function names({ patterns, use_regex, hidden }: FindArgs): readonly string[] {
  // BusyBox lets no pattern match a leading dot
  if (use_regex || hidden || patterns.length === 0) return []
  const choice = patterns.flatMap(pattern => ['-o', '-name', pattern.replaceAll('\\', '\\\\')])
  return ['(', ...choice.slice(1), ')']
}

import { lines, type Script, script, sh } from '../../shell/sh.ts'
import { awkRegex } from './awk-regex.ts'

/** What is expected, in Python's syntax, and what is answered: each time, or one answer a time. */
export type Answers = readonly {
  readonly expected: string
  readonly answers: readonly string[]
  readonly once: boolean
}[]

/**
 * Runs a command on a terminal of its own and answers what it asks. Afterwards `$d/out` holds its output, `$d/status` its exit
 * status, and `$why` is `ended`, `late`, or `unanswered N` for the N-th question.
 */
export function dialogue({
  command,
  program,
  answers,
  timeoutSeconds,
  echo,
}: {
  readonly command: Script
  readonly program: string
  readonly answers: Answers
  readonly timeoutSeconds: number
  readonly echo: boolean
}): Script {
  const patterns = answers.map(({ expected }) => awkRegex(expected))
  // exec in a shell of its own: where script does not pass the status on, it would be lost
  const run = sh`${echo ? script(':') : script('stty -echo 2>/dev/null')}
(exec ${command})
echo $? >"\${0%/*}/status"`
  return lines(
    sh`command -v script >/dev/null 2>&1 || { echo 'no terminal can be made on this host: it has no script (package bsdutils or util-linux)' >&2; exit 127; }
command -v ${program} >/dev/null 2>&1 || { printf 'The command was not found or was not executable: %s.\n' ${program} >&2; exit 127; }
d=$(mktemp -d) || exit
pid=
trap 'kill "$pid" 2>/dev/null; rm -rf -- "$d"' EXIT
mkfifo -- "$d/in" && : >"$d/out" || exit
printf '%s\n' ${run.text} >"$d/run"
export SHELL=/bin/sh
# a shell that waits for it tells when it is over: one that nobody waits for still counts as alive
(
  script -q -f -c "sh '$d/run'" /dev/null <"$d/in" >"$d/out" 2>&1 &
  s=$!
  trap 'kill "$s"' TERM
  wait "$s"
  : >"$d/over"
) &
pid=$!
# for reading, too: a program that has ended already must not block us
exec 3<>"$d/in"`,
    ...patterns.map(({ pattern }, i) => sh`export ${script(`mlops_p${i}`)}=${pattern}`),
    answerFunction(answers),
    sh`find_next() {
  LC_ALL=C awk -v at="$at" -v count=${patterns.length} -v fold=${patterns.map(p => (p.ignoreCase ? '1' : '0')).join('')} '
{ text = text sep $0; sep = "\n" }
END {
  text = substr(text, at)
  for (i = 0; i < count; i++) {
    p = ENVIRON["mlops_p" i]
    f = substr(fold, i + 1, 1) == "1"
    if (match(f ? tolower(text) : text, f ? tolower(p) : p) && (best == 0 || RSTART < best)) {
      best = RSTART; which = i; next_at = at + RSTART - 1 + (RLENGTH > 0 ? RLENGTH : 1)
    }
  }
  if (best) print which, next_at
}' "$d/out"
}
at=1; seen=-1; why=; last=$(date +%s)
while [ -z "$why" ]; do
  # asked before the output is read, so that nothing is missed at the end
  ended=; [ ! -e "$d/over" ] || ended=1
  size=$(wc -c <"$d/out")
  if [ "$size" -ne "$seen" ]; then
    seen=$size
    found=$(find_next)
    if [ -n "$found" ]; then
      at=\${found#* }; seen=-1; last=$(date +%s)
      answer "\${found% *}" || why="unanswered \${found% *}"
      continue
    fi
  fi
  if [ -n "$ended" ]; then why=ended
  elif [ $(($(date +%s) - last)) -gt ${timeoutSeconds} ]; then why=late
  else sleep 0.05 2>/dev/null || sleep 1; fi
done
[ "$why" = ended ] || kill "$pid" 2>/dev/null
exec 3>&-
wait "$pid" 2>/dev/null
pid=`,
  )
}

/** `answer N` writes the answer to the N-th question. */
function answerFunction(answers: Answers): Script {
  const cases = answers.flatMap(({ answers: given, once }, i) =>
    given.map((text, turn) => sh`  ${script(once ? `${i}.${turn}` : `${i}.*`)}) printf '%s\n' ${text} >&3 ;;`),
  )
  return lines(
    sh`answer() {
eval "turn=\$turn_$1"; turn=\${turn:-0}
eval "turn_$1=$((turn + 1))"
case $1.$turn in`,
    ...cases,
    sh`  *) return 1 ;;
esac
}`,
  )
}

import { lines, type Script, sh } from './sh.ts'

/** A script of a job: the parts of a job run one after the other, each with its own output. */
export interface JobPart {
  readonly script: Script
  /** What it reads; undefined: nothing. */
  readonly stdin?: string | undefined
}

/** What a job is up to, as `readJob` reads it. Times are in seconds since 1970. */
export interface JobLook {
  /** `late`: its time was over, and it was ended. `dead`: it is gone and left no result. `none`: nobody knows it. */
  readonly state: 'none' | 'running' | 'late' | 'dead' | 'done'
  readonly folder: string
  readonly begin: number
  readonly end: number
  /** Of the first part. */
  readonly status: number
  readonly stdout: string
}

/** Names of jobs that can be told from paths. */
export function isJobId(id: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id)
}

/**
 * Starts a job that outlives the line and prints its folder. It has a session of its own, so that the shell's guard does not
 * end it with the line; when its seconds are over it is ended. Scripts lie in files of mode 0600 until it is done.
 */
export function startJob(id: string, parts: readonly JobPart[], seconds: number): Script {
  return lines(
    folderOf(id),
    sh`if ! command -v setsid >/dev/null 2>&1; then echo 'async needs setsid, which this host does not have' >&2; exit 127; fi
u=$(umask); umask 077
mkdir -p -- "\${d%/*}" && mkdir -- "$d" || exit`,
    ...parts.flatMap(({ script: { text }, stdin }, i) => [
      sh`printf '%s\n' ${text} >"$d/${i + 1}.sh" || exit`,
      sh`printf %s ${stdin ?? ''} >"$d/${i + 1}.in" || exit`,
    ]),
    sh`setsid sh -c ${RUNNER} job "$d" ${Math.max(1, Math.ceil(seconds))} "$u" </dev/null >/dev/null 2>&1 &
echo $! >"$d/pid"
printf %s "$d"`,
  )
}

// The inner one runs the parts; beside it a clock, which ends its group. A job that is ended leaves no `done` behind of its own.
const PARTS = `umask "$2"
i=1
while [ -e "$1/$i.sh" ]; do
  sh "$1/$i.sh" <"$1/$i.in" >"$1/$i.out" 2>"$1/$i.err"
  echo $? >"$1/$i.rc"
  i=$((i + 1))
done`

const RUNNER = `d=$1
date +%s >"$d/begin"
setsid sh -c '${PARTS}' parts "$d" "$3" &
p=$!
setsid sh -c 'sleep "$1"; : >"$2/late"; kill -KILL -"$3"' clock "$2" "$d" "$p" &
c=$!
wait "$p"
kill -KILL -"$c"
date +%s >"$d/end"
rm -f -- "$d"/*.sh "$d"/*.in
: >"$d/done"`

/** Says what a job is up to: a line of state and times, a line with its folder, then the output of its first part. */
export function lookAtJob(id: string): Script {
  return lines(
    folderOf(id),
    sh`s=dead; r=0
[ -r "$d/pid" ] && kill -0 "$(cat "$d/pid")" 2>/dev/null && s=running
[ -e "$d/done" ] && s=done
[ -e "$d/late" ] && s=late
[ -d "$d" ] || s=none
[ -r "$d/1.rc" ] && r=$(cat "$d/1.rc")
[ $s = done ] || r=0
printf '%s %s %s %s\n%s\n' $s $r "$(cat "$d/begin" 2>/dev/null || echo 0)" "$(cat "$d/end" 2>/dev/null || echo 0)" "$d"
[ $s = done ] || exit 0
cat "$d/1.out"; cat "$d/1.err" >&2`,
  )
}

export function readJob(stdout: string): JobLook {
  const [, first = '', folder = '', rest = ''] = /^([^\n]*)\n([^\n]*)\n(.*)$/s.exec(stdout) ?? []
  const [word = '', status = 0, begin = 0, end = 0] = first.split(' ')
  const state = (['running', 'late', 'dead', 'done'] as const).find(known => known === word) ?? 'none'
  return { state, folder, status: Number(status), begin: Number(begin), end: Number(end), stdout: rest }
}

/** Gives the output and the exit status of one part of a job that is done. */
export function partOfJob(id: string, part: number): Script {
  return lines(
    folderOf(id),
    sh`[ -r "$d/${part}.rc" ] || exit 125
cat "$d/${part}.out"; cat "$d/${part}.err" >&2; exit "$(cat "$d/${part}.rc")"`,
  )
}

/** Forgets a job; one that runs goes on. */
export function eraseJob(id: string): Script {
  return lines(
    folderOf(id),
    sh`[ -d "$d" ] || { printf 'none 0 0 0\n%s\n' "$d"; exit; }
rm -rf -- "$d" && printf 'done 0 0 0\n%s\n' "$d"`,
  )
}

/** Jobs lie where `ANSIBLE_ASYNC_DIR` says, else in `~/.ansible_async` of the user they run as. */
function folderOf(id: string): Script {
  return sh`d=\${ANSIBLE_ASYNC_DIR:-'~/.ansible_async'}
case $d in '~') d=$HOME;; '~'/*) d=$HOME/\${d#*/};; esac
d=$d/${id}`
}

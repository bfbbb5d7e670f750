import { bytesOf } from '../bytes.ts'
/** One script of a frame, as the far side needs it. */
export interface FrameScript {
  readonly text: string | Uint8Array
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** What it reads; undefined: /dev/null. */
  readonly stdin?: string | undefined
  /** True: runs in a fork of the shell (cheap). False: in a shell and a session of its own. */
  readonly look: boolean
  /** True: runs only when the script before it in the frame ended well; else it ends at once with that one's status. */
  readonly after?: boolean | undefined
}

/**
 * The command that starts the long-lived shell of one user: three processes that outlive the scripts.
 * `dd` hands on what arrives (BusyBox `cat` would wait for all of it), so that the end of the line is noticed while a
 * script runs; then all process groups below are ended, the shell before the scripts, TERM first and KILL after two
 * seconds. The last `sh` reads the frames. `token` is printed when it is up.
 * One line without quotes, backslashes or secrets: it passes any login shell and may be seen by anyone.
 */
export function shellCommand(shell: string, token: string): string {
  return `${shell} -c '${GUARD.replaceAll('SHELL', shell).replace('TOKEN', token)}'`
}

/** The first thing the shell reads. `nonce` marks the borders of answers and must be unguessable. */
export function prelude(nonce: string, shell: string): Buffer {
  return Buffer.from(PRELUDE.replaceAll('SHELL', shell).replaceAll('NONCE', nonce), 'latin1')
}

/** All scripts of a frame as one compound command: it is read to its end before the first script starts. */
export function frame(scripts: readonly { readonly id: number; readonly script: FrameScript }[]): Buffer {
  const commands = scripts.map(({ id, script }) => command(id, script))
  return Buffer.from(`while :; do\n${commands.join('')}break; done\n`, 'latin1')
}

/** Shell text (in latin1: a character is a byte) that prints exactly these bytes with the builtin `printf`. */
export function printBytes(bytes: Uint8Array): string {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (!raw.includes('\0')) return `printf %s ${quoteBytes(raw)}`
  const format = raw.replaceAll('\\', '\\\\').replaceAll('%', '%%').replaceAll('\0', '\\000')
  return `printf ${quoteBytes(format)}`
}

// $q collects the processes below this shell, $g their process groups, $o their ids; `read` and /proc cost no process.
// The pipeline's first part must not die of its own TERM, and the shell above it ($$) lives to tell the exit status.
// dash takes no `--` after `kill -TERM`, BusyBox none after `kill -s TERM`: `-TERM -123` is what all take.
const GUARD = [
  'exec 9>&2 2>/dev/null; trap : TERM; echo TOKEN;',
  '{ exec 9>&-; dd bs=65536; read -r a l </proc/self/stat; q=" $$ "; n=; o=; g=;',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: shell text
  'while [ "$n" != "$q" ]; do n=$q; for f in /proc/[0-9]*/stat; do i=${f#/proc/}; i=${i%/stat};',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: shell text
  'read -r l <$f && set -- ${l##*) } && case $q in *" $i "*) ;;',
  '*" $2 "*) [ $i = $a ] || { q="$q$i "; o="$o $i"; [ $3 = $i ] && g="$g -$i"; };; esac; done; done;',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: shell text
  'w() { for f in /proc/[0-9]*/stat; do i=${f#/proc/}; i=${i%/stat}; read -r l <$f && set -- ${l##*) } && [ $1 != Z ] &&',
  'case "$o $g " in *" $i "*|*" -$3 "*) return 0;; esac; done; return 1; };',
  'trap "" TERM; for x in $o $g; do kill -TERM $x; done;',
  'for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do w || exit; sleep 0.1 || sleep 1; done;',
  'for x in $g $o; do kill -KILL $x; done; } |',
  '{ SHELL; s=$?; trap "" TERM; kill -TERM 0; exit $s; }',
].join(' ')

// b: begin, z: end and "what is left in its group?" (then the frame stops: the controller takes a new shell), l: a look, k: not run.
// r: the status of the last script.
// The descriptors 8 and 9 (from the guard) are the real stdout and stderr, so that words of this shell itself ("Killed") reach nobody.
const PRELUDE = `exec 8>&1 >/dev/null
N=NONCE; H=SHELL; S=; r=0; command -v setsid && S=setsid
b() { printf '\\036%s S %s\\n' "$N" "$1" >&8; printf '\\036%s S %s\\n' "$N" "$1" >&9; }
e() { printf '\\036%s E %s %s %s\\n' "$N" "$1" "$2" "$3" >&8; printf '\\036%s E %s %s %s\\n' "$N" "$1" "$2" "$3" >&9; }
z() { r=$2; case $3 in ''|*[!0-9]*) ;; *) kill -0 -$3 && { e $1 $2 1; return 1; };; esac; e $1 $2 0; }
l() { b $1; ( unset N H S T U m p r; exec >&8 2>&9 8>&- 9>&- </dev/null; eval "set --; $2" ); r=$?; e $1 $r 0; }
k() { b $1; e $1 $r 2; }
T='echo $$; exec >&8 8>&-; eval "unset MLOPS_SCRIPT; $MLOPS_SCRIPT"'
U='echo $$; exec >&8 8>&-; MLOPS_SCRIPT=$(dd bs=$MLOPS_SIZE count=1 iflag=fullblock 2>/dev/null); eval "unset MLOPS_SCRIPT MLOPS_SIZE; $MLOPS_SCRIPT"'
`

/** Linux takes at most 128 KiB in one variable of the environment (MAX_ARG_STRLEN). */
const MAX_VARIABLE_BYTES = 120_000

// A script reaches its own shell through the environment, which only its user may read. A large one comes on stdin, in
// front of what it is to read. The shell tells its process id (= its group) on the pipe of $(…), then turns to the real stdout.
function command(id: number, script: FrameScript): string {
  const call = invocation(id, script)
  return script.after ? `if [ $r = 0 ]; then ${call}else k ${id}; fi\n` : call
}

function invocation(id: number, script: FrameScript): string {
  const text = binary(exports(script.environment)) + binary(script.text)
  if (script.look && script.stdin === undefined) return `l ${id} ${quoteBytes(text)}\n`
  const input = script.stdin === undefined ? undefined : printBytes(bytesOf(script.stdin))
  return text.length > MAX_VARIABLE_BYTES ? large(id, text, input) : small(id, text, input)
}

function small(id: number, text: string, input: string | undefined): string {
  const start = 'MLOPS_SCRIPT=$m $S "$H" -c "$T" 2>&9 9>&-'
  return own(id, text, input === undefined ? `${start} </dev/null` : `${input} | ${start}`)
}

function large(id: number, text: string, input: string | undefined): string {
  const whole = input === undefined ? `exec </dev/null; ${text}` : text
  const start = `MLOPS_SIZE=${whole.length} $S "$H" -c "$U" 2>&9 9>&-`
  return own(id, whole, `{ printf %s "$m"; ${input ?? ':'}; } | ${start}`)
}

function own(id: number, text: string, start: string): string {
  return `b ${id}; m=${quoteBytes(text)}; p=$(${start}); z ${id} $? "$p" || break\n`
}

function exports(environment: FrameScript['environment']): string {
  const words = Object.entries(environment ?? {}).map(([name, value]) => `${name}=${quoteText(value)}`)
  return words.length === 0 ? '' : `export ${words.join(' ')}; `
}

/** One character for each byte. */
function binary(text: string | Uint8Array): string {
  return (typeof text === 'string' ? bytesOf(text) : Buffer.from(text)).toString('latin1')
}

function quoteText(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`
}

function quoteBytes(raw: string): string {
  if (raw.includes('\0')) throw new RangeError('a shell script cannot hold a NUL byte')
  return quoteText(raw)
}

import { type Script, sh } from '../shell/sh.ts'
import { endedStages, type Stage } from './boot-status.ts'
import { outputOfPrograms } from './failing-commands.ts'

/** What is told of a boot while it goes on. */
export interface BootListener {
  readonly onStage: (stage: Stage, seconds: number) => void
  /** What programs print, in portions. */
  readonly onOutput: (lines: readonly string[]) => void
}

/** Stands before what is ours among what programs print; a marker goes to the end of its line, and may cut a line of theirs in two. */
const MARK = '\x1e'

// Ends when cloud-init has: its result is written last of all. What is new since the last look is told, 64 kB of it at most;
// a look costs a few processes, so they get rarer: five a second at first, then one.
const LOOP = `
offset=$1 before= turn=0
# the file goes on from boot to boot
if [ "$offset" -eq 0 ]; then
  offset=$(grep -ab "running 'init-local'" /var/log/cloud-init-output.log 2>/dev/null | tail -n 1 | cut -d : -f 1)
  offset=\${offset:-0}
fi
tell() {
  now=$(tr -d '\\n' </run/cloud-init/status.json 2>/dev/null)
  [ "$now" = "$before" ] || printf '\\036status %s\\n' "$now"
  before=$now
  size=$(wc -c </var/log/cloud-init-output.log 2>/dev/null) || size=0
  if [ "$size" -gt "$offset" ]; then
    [ $((size - offset)) -le 65536 ] || offset=$((size - 65536))
    tail -c +$((offset + 1)) /var/log/cloud-init-output.log | head -c $((size - offset))
    offset=$size
    printf '\\036offset %s\\n' "$offset"
  fi
}
ended() {
  [ -e /run/cloud-init/result.json ] || [ -e /run/cloud-init/disabled ] || [ -e /etc/cloud/cloud-init.disabled ] && return 0
  [ $((turn % 10)) -eq 9 ] && systemctl is-failed --quiet cloud-final.service 2>/dev/null
}
until ended; do
  tell
  turn=$((turn + 1))
  if [ "$turn" -lt 20 ]; then sleep 0.2 2>/dev/null || sleep 1; else sleep 1; fi
done
tell
`

/**
 * Follows a boot until cloud-init has ended, from where a follower was when its line was lost; what it prints is for that follower.
 * Prints nothing where there is no cloud-init.
 */
export function watchBoot({ offset }: BootFollower): Script {
  return sh`
command -v cloud-init >/dev/null || exit 0
if [ "$(id -u)" -ne 0 ] && sudo -n true 2>/dev/null; then exec sudo -n sh -c ${LOOP} sh ${offset}; fi
exec sh -c ${LOOP} sh ${offset}`
}

/** Reads what `watchBoot` prints, as it comes. */
export class BootFollower {
  readonly #listener: BootListener
  readonly #ended = new Set<Stage>()
  #rest = ''
  #offset = 0

  constructor(listener: BootListener) {
    this.#listener = listener
  }

  /** How many bytes of the output were read. */
  get offset(): number {
    return this.#offset
  }

  /** A new line begins anew: what was cut off is not coming any more. */
  restart(): void {
    this.#rest = ''
  }

  feed(chunk: string): void {
    const text = (this.#rest + chunk).replace(/\x1e(status|offset) (.*)\n/g, (_, kind: string, value: string) => {
      if (kind === 'offset') this.#offset = Number(value)
      else this.#status(value)
      return ''
    })
    // what is not whole waits: a line of a program, or a marker
    const end = text.slice(0, text.includes(MARK) ? text.indexOf(MARK) : text.length).lastIndexOf('\n') + 1
    this.#rest = text.slice(end)
    const shown = outputOfPrograms(text.slice(0, end))
    if (shown.length > 0) this.#listener.onOutput(shown)
  }

  #status(text: string): void {
    for (const [stage, seconds] of endedStages(text)) {
      if (this.#ended.has(stage)) continue
      this.#ended.add(stage)
      this.#listener.onStage(stage, seconds)
    }
  }
}

import type { Reporter } from '../events.ts'
import type { Layout } from './ansible-lines.ts'
import { type BatchedOutput, batched } from './batched.ts'
import { JsonReporter } from './json.ts'
import { JUnitReporter } from './junit.ts'
import { LiveReporter } from './live.ts'
import { isLiveTerminal, type Output, outlive } from './output.ts'
import { paint, wantsColor } from './paint.ts'
import { PlainReporter } from './plain.ts'

/** What `--output` knows. */
export const outputs = ['plain', 'live', 'json', 'junit'] as const

export interface ReporterOptions {
  /** `--json`: event lines and nothing else. */
  readonly json?: boolean
  /** Undefined: the live view on a terminal, else the plain layout. */
  readonly output?: (typeof outputs)[number] | undefined
  readonly profile?: boolean
  readonly fold?: boolean
  readonly verbosity?: number
  readonly displaySkipped?: boolean
  /** What `set_stats` gathered is shown at the end. */
  readonly showCustomStats?: boolean
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** A reporter that lets go of the terminal while something else asks a question there. */
export interface HoldableReporter extends Reporter {
  /** Until the returned function is called, nothing is drawn over. */
  hold(): () => void
}

/** The reporter that is asked for, or that fits: event lines, the live view on a terminal, else Ansible's plain layout. */
export function reporterFor(
  { json = false, output, verbosity = 0, displaySkipped = true, env = process.env, ...rest }: ReporterOptions,
  stdout: Output,
  stderr: Output,
): HoldableReporter {
  outlive(stdout, stderr)
  const out = batched(stdout)
  const errors: Output = {
    write(text, done) {
      out.flush()
      return stderr.write(text, done)
    },
  }
  if (json || output === 'json') return holdable(new JsonReporter(out), out)
  if (output === 'junit') return holdable(new JUnitReporter(out, errors), out)
  const isTTY = stdout.isTTY === true
  const layout: Layout = {
    paint: paint(wantsColor(env, isTTY)),
    columns: () => headlineColumns(isTTY ? stdout.columns : Number(env.COLUMNS ?? 0)),
    verbosity,
    displaySkipped,
    ...(rest.profile ? { profile: true } : {}),
    ...(rest.fold ? { fold: true } : {}),
    ...(rest.showCustomStats ? { customStats: true } : {}),
  }
  const isLive = output === undefined ? isLiveTerminal(stdout, env) : output === 'live'
  return isLive ? new LiveReporter(layout, stdout) : holdable(new PlainReporter(layout, out, errors), out)
}

/** Ansible's rule: one column less than the terminal has, and 79 at least. */
function headlineColumns(columns: number | undefined): number {
  return Math.max(79, (columns || 80) - 1)
}

function holdable(reporter: Reporter, out: BatchedOutput): HoldableReporter {
  const hold = () => {
    out.flush()
    return () => {}
  }
  return { on: event => reporter.on(event), close: () => reporter.close(), hold }
}

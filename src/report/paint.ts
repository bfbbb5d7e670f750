import { Chalk } from 'chalk'
import type { OutcomeKind } from '../events.ts'

/** Ansible's colours by what they mean. */
export interface Paint {
  readonly outcome: Readonly<Record<OutcomeKind, (text: string) => string>>
  readonly notice: (text: string) => string
  readonly warning: (text: string) => string
  readonly retry: (text: string) => string
  readonly added: (text: string) => string
  readonly removed: (text: string) => string
  readonly hunk: (text: string) => string
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
  readonly colored: boolean
}

/** Whether to colour: `NO_COLOR` and `FORCE_COLOR` (and Ansible's two) decide before the terminal does. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): boolean {
  if (env.NO_COLOR || isTrue(env.ANSIBLE_NOCOLOR)) return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  if (isTrue(env.ANSIBLE_FORCE_COLOR)) return true
  return isTTY && env.TERM !== 'dumb'
}

export function paint(colored: boolean): Paint {
  const chalk = new Chalk({ level: colored ? 1 : 0 })
  return {
    outcome: {
      ok: chalk.green,
      changed: chalk.yellow,
      skipped: chalk.cyan,
      failed: chalk.red,
      unreachable: chalk.redBright,
    },
    notice: chalk.cyan,
    warning: chalk.magentaBright,
    retry: chalk.gray,
    added: chalk.green,
    removed: chalk.red,
    hunk: chalk.cyan,
    dim: chalk.dim,
    bold: chalk.bold,
    colored,
  }
}

function isTrue(text: string | undefined): boolean {
  return /^(1|y|yes|t|true|on)$/i.test(text ?? '')
}

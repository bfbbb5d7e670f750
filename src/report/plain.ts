import type { Event, Reporter } from '../events.ts'
import { AnsibleLines, type Layout } from './ansible-lines.ts'
import { Failures } from './failures.ts'
import { FoldedLines } from './folded-lines.ts'
import { flushed, type Output } from './output.ts'
import { Profile } from './profile.ts'
import { connectionText, warningText } from './remarks.ts'

/** Ansible's layout, line by line as things happen. Warnings go to `errors`. */
export class PlainReporter implements Reporter {
  private readonly lines: AnsibleLines | FoldedLines
  private readonly failures = new Failures()
  private readonly profile = new Profile()
  private readonly layout: Layout
  private readonly output: Output
  private readonly errors: Output

  constructor(layout: Layout, output: Output, errors: Output) {
    this.layout = layout
    this.lines = layout.fold ? new FoldedLines(layout, { always: true }) : new AnsibleLines(layout)
    this.output = output
    this.errors = errors
  }

  on(event: Event): void {
    this.failures.see(event)
    this.profile.see(event)
    const text = this.lines.text(event)
    if (text !== '') this.output.write(text)
    if (event.type === 'warning') this.errors.write(warningText(event, this.layout.paint))
    if (event.type !== 'run-finished') return
    const { paint, profile } = this.layout
    const costs = connectionText(event, this.layout) + (profile ? this.profile.text(event, paint) : '')
    const rest = this.failures.text(paint) + costs
    if (rest !== '') this.output.write(rest)
    if (event.interrupted) this.errors.write(warningText({ message: 'interrupted: later tasks were not done' }, paint))
  }

  async close(): Promise<void> {
    await Promise.all([flushed(this.output), flushed(this.errors)])
  }
}

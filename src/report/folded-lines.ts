import type { Event } from '../events.ts'
import { AnsibleLines, type Layout } from './ansible-lines.ts'
import { hostRange } from './host-range.ts'

/** So many hosts with the same line are more than anybody reads. */
const MANY_ALIKE = 10
/** Without being asked, a play is folded only when it has more hosts than a screen has lines for. */
const MANY_HOSTS = 20
/** Stands for the host while lines are compared: no line says it by itself. */
const MARK = '\u0001'

type Finished = Extract<Event, { type: 'task-finished' }>

/** Ansible's lines, in which hosts of which the same is said share one: `ok: [web01..web48] (48)`. A task is said when it is over. */
export class FoldedLines {
  private readonly lines: AnsibleLines
  private readonly isAsked: boolean
  private folds: boolean
  private held: Finished[] = []

  /** `always`: plays of any size are folded; otherwise those of many hosts. */
  constructor(layout: Layout, { always }: { readonly always: boolean }) {
    this.lines = new AnsibleLines(layout)
    this.isAsked = always
    this.folds = always
  }

  /** What may be said now. */
  text(event: Event): string {
    switch (event.type) {
      case 'play-started': {
        const before = this.flush()
        this.folds = this.isAsked || event.hosts.length > MANY_HOSTS
        return before + this.lines.text(event)
      }
      case 'task-finished':
        return this.folds && isPlain(event) ? this.hold(event) : this.lines.text(event)
      case 'task-started':
      case 'no-hosts':
      case 'run-finished':
        return this.flush() + this.lines.text(event)
      default:
        return this.lines.text(event)
    }
  }

  /** What is still held back. */
  flush(): string {
    const groups = new Map<string, string[]>()
    let said = ''
    for (const event of this.held.splice(0)) {
      said ||= this.lines.text({ ...event, type: 'task-started', play: { id: '', name: '' } })
      const line = this.lines.text({ ...event, host: MARK })
      const group = groups.get(line)
      if (group) group.push(event.host)
      else groups.set(line, [event.host])
    }
    for (const [line, hosts] of groups) {
      if (hosts.length > MANY_ALIKE)
        said += line.replace(/\u0001([^\]]*\])/, (_, rest) => `${hostRange(hosts)}${rest} (${hosts.length})`)
      else said += hosts.map(host => line.replace(MARK, () => host)).join('')
    }
    return said
  }

  private hold(event: Finished): string {
    const before = this.held[0]?.task.id === event.task.id ? '' : this.flush()
    this.held.push(event)
    return before
  }
}

/** Failures are said at once, and items have been said one by one. */
function isPlain({ outcome, items }: Finished): boolean {
  return items === undefined && (outcome === 'ok' || outcome === 'changed' || outcome === 'skipped')
}

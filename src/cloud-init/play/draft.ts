import { MlopsError, type Position } from '../../errors.ts'
import type { ModuleRegistry } from '../../modules/module.ts'
import { noKeywords } from '../../playbook/keywords.ts'
import { implicitFlushId } from '../../playbook/list.ts'
import type { Handler, Keywords, Meta, Step, Task } from '../../playbook/types.ts'
import { checkArgs } from '../../schema/check-args.ts'
import { literalTemplate } from '../../source/careful.ts'
import type { SourceNode, SourceWarning } from '../../source/node.ts'

/** A text that is a template of ours; all others are taken as they are. */
export interface Template {
  readonly template: string
}

/** What a task is made of. */
export interface TaskDraft {
  /** The key of the cloud-config: its tag. */
  readonly key: string
  /** Keys that need it too: further tags. */
  readonly neededBy?: readonly string[]
  /** What it brings, for people. */
  readonly what: string
  readonly module: string
  /** Undefined values are left out. */
  readonly args: Readonly<Record<string, unknown>>
  readonly at: Position
  readonly notify?: string
}

/** The play that is being made of a cloud-config, and what is found wrong on the way. */
export class Draft {
  readonly steps: Step[] = []
  readonly handlers: Handler[] = []
  readonly errors: MlopsError[] = []
  readonly warnings: SourceWarning[] = []
  readonly keywords: Keywords
  readonly #modules: ModuleRegistry
  readonly #directory: string
  #tasks = 0

  constructor(modules: ModuleRegistry, directory: string, at: Position) {
    this.#modules = modules
    this.#directory = directory
    this.keywords = { ...noKeywords, become: { value: true, at } }
  }

  task(draft: TaskDraft): void {
    this.steps.push(this.#task(draft))
  }

  /** A handler that tasks name by `what`; it is there once. */
  handler(draft: TaskDraft): void {
    if (this.handlers.some(({ name }) => name === draft.what)) return
    this.handlers.push({ ...this.#task(draft), name: draft.what, listen: [] })
  }

  flush(at: Position): void {
    this.steps.push(this.#flush(at))
  }

  /** Something that play cannot bring. */
  refuse(message: string, node: SourceNode | Position, hint?: string): void {
    this.errors.push(new MlopsError('cloud-config.unsupported', message, { at: 'kind' in node ? node.at : node, hint }))
  }

  #task({ key, neededBy = [], what, module, args, at, notify }: TaskDraft): Task {
    const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined))
    const found = this.#modules.find(module)
    if (found) this.errors.push(...checkArgs(key, found, { args: closed(given), at: () => at }))
    return {
      kind: 'task',
      id: `cloud-config:${++this.#tasks}`,
      at,
      keywords: { ...this.keywords, tags: [key, ...neededBy] },
      directory: this.#directory,
      name: literal(`${key}: ${what}`),
      module,
      moduleAsWritten: module,
      args: closed(given),
      argAt: () => at,
      until: [],
      changedWhen: [],
      failedWhen: [],
      notify: notify === undefined ? [] : [{ value: notify, at }],
    }
  }

  #flush(at: Position): Meta {
    const keywords = { ...noKeywords, tags: ['always'] }
    return {
      kind: 'meta',
      id: implicitFlushId({ nextId: kind => `${kind}:cloud-config${++this.#tasks}` }),
      at,
      keywords,
      directory: this.#directory,
      verb: 'flush_handlers',
    }
  }
}

/** Values as the engine opens them to what they are: no text of a cloud-config is a template. */
function closed(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, close(value)]))
}

function close(value: unknown): unknown {
  if (typeof value === 'string') return literal(value)
  if (Array.isArray(value)) return value.map(close)
  return isTemplate(value) ? value.template : value
}

function isTemplate(value: unknown): value is Template {
  return typeof value === 'object' && value !== null && 'template' in value
}

/** A template that gives exactly the text. */
export function literal(text: string): string {
  return literalTemplate(text)
}

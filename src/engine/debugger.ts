import { ConnectionError } from '../connection/connection.ts'
import { MlopsError } from '../errors.ts'
import type { Task } from '../playbook/types.ts'
import { plain, str } from '../template/template.ts'
import type { Names } from './context.ts'
import { censored, isIgnored } from './shown-result.ts'
import { runTask } from './task.ts'
import type { Assignment, PlayWorld, TaskOutcome } from './world.ts'

type Answer = { readonly done: 'continue' | 'redo' } | { readonly say: string }

const HELP = `p, print EXPRESSION    shows task, task.args, task_vars, host, result, or any expression
task.args['x'] = VALUE, task_vars['x'] = VALUE, del task.args['x']
r, redo                runs the task again
u, update_task         takes the arguments as they were written, with the present task_vars
c, continue            goes on with the result as it is
q, quit                ends the play`

/** Asks what to do after a task, one host at a time. */
export class Debugger {
  #turn: Promise<unknown> = Promise.resolve()

  /** Whether `debugger` (or the strategy `debug`) asks for it after this outcome. */
  static wants(world: PlayWorld, task: Task, names: Names, { outcome }: TaskOutcome): boolean {
    const { debugger: said } = task.keywords
    switch (said === undefined ? undefined : String(names.written(said))) {
      case 'always':
        return true
      case 'never':
        return false
      case 'on_skipped':
        return outcome === 'skipped'
      case 'on_unreachable':
        return outcome === 'unreachable'
      case 'on_failed':
        return outcome === 'failed' && !isIgnored(task, names)
      default:
        if (!isOnByItself(world)) return false
        return outcome === 'unreachable' || (outcome === 'failed' && !isIgnored(task, names))
    }
  }

  /** Talks until the result may stand. Rejects as interrupted when the play is to end. */
  talk(world: PlayWorld, task: Task, assignment: Assignment, outcome: TaskOutcome): Promise<TaskOutcome> {
    const turn = this.#turn.then(() => new Talk(world, task, assignment, outcome).hold())
    this.#turn = turn.catch(() => {})
    return turn
  }
}

function isOnByItself({ play, run }: PlayWorld): boolean {
  return run.options.debugAlways === true || play.strategy?.value === 'debug'
}

class Talk {
  readonly #world: PlayWorld
  readonly #assignment: Assignment
  readonly #written: Task
  #task: Task
  #vars: Record<string, unknown> = {}
  #outcome: TaskOutcome

  constructor(world: PlayWorld, task: Task, assignment: Assignment, outcome: TaskOutcome) {
    this.#world = world
    this.#written = task
    this.#task = task
    this.#assignment = assignment
    this.#outcome = outcome
  }

  async hold(): Promise<TaskOutcome> {
    const { debug } = this.#world.run.options
    const { state, ref } = this.#assignment
    let shown = this.#headline()
    for (;;) {
      const line = await debug?.(shown, `[${state.name}] TASK: ${ref.name} (debug)> `)
      const answer = this.#answer((line ?? 'quit').trim())
      if ('say' in answer) {
        shown = answer.say
        continue
      }
      if (answer.done === 'continue') return this.#outcome
      this.#outcome = await runTask(this.#world, this.#task, this.#around())
      const names = this.#names()
      if (!Debugger.wants(this.#world, this.#task, names, this.#outcome)) return this.#outcome
      shown = this.#headline()
    }
  }

  #answer(line: string): Answer {
    const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(line) ?? []
    switch (word) {
      case '':
        return { say: '' }
      case 'c':
      case 'continue':
        return { done: 'continue' }
      case 'r':
      case 'redo':
        return { done: 'redo' }
      case 'u':
      case 'update_task':
        this.#task = this.#written
        return { say: '' }
      case 'q':
      case 'quit':
        throw new ConnectionError('interrupted', 'the debugger was left')
      case 'h':
      case 'help':
      case '?':
        return { say: HELP }
      case 'p':
      case 'print':
        return { say: this.#try(() => this.#text(this.#open(rest))) }
      default:
        return { say: this.#try(() => this.#set(line)) }
    }
  }

  /** `task.args['x'] = …`, `task_vars.x = …`, `del task.args['x']`. */
  #set(line: string): string {
    const target = /^(del\s+)?(task\.args|task_vars)(?:\[\s*(['"])(.+?)\3\s*\]|\.(\w+))\s*(?:=(?!=)\s*(.+))?$/s.exec(
      line,
    )
    const [, del, where, , quoted, bare, value] = target ?? []
    const name = quoted ?? bare
    if (name === undefined || (del === undefined) === (value === undefined))
      throw new MlopsError('play.debugger', `unknown command: ${line}; h shows what there is`)
    const given = value === undefined ? [] : [[name, this.#open(value)]]
    const without = (all: Readonly<Record<string, unknown>>) =>
      Object.fromEntries([...Object.entries(all).filter(([key]) => key !== name), ...given])
    if (where === 'task_vars') this.#vars = without(this.#vars)
    else this.#task = { ...this.#task, args: without(this.#task.args) }
    return ''
  }

  #open(expression: string): unknown {
    const { result } = this.#outcome
    const shown = censored(this.#task, this.#names(), result)
    const { name, args, moduleAsWritten: action } = this.#task
    const names = this.#names()
    const taskVars = Object.fromEntries([...names.scope.names()].map(each => [each, undefined]))
    for (const each of Object.keys(taskVars))
      Object.defineProperty(taskVars, each, { enumerable: true, get: () => names.variable(each) })
    const extra = {
      task: { name: name ?? action, action, args },
      task_vars: taskVars,
      host: this.#assignment.state.name,
      result: { ...shown, _result: shown },
    }
    return this.#names(extra).expression(expression)
  }

  #text(value: unknown): string {
    const hidden = this.#world.secrets.hide(plain(value))
    return typeof hidden === 'string' ? hidden : str(hidden)
  }

  #try(work: () => string): string {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof MlopsError)) throw error
      return `*** ${error.message}`
    }
  }

  #headline(): string {
    const { outcome, result } = this.#outcome
    const { msg } = censored(this.#task, this.#names(), result)
    return `${this.#assignment.state.name}: ${outcome}${msg === undefined ? '' : `: ${this.#text(msg)}`}`
  }

  #names(more: Readonly<Record<string, unknown>> = {}): Names {
    const { state, around } = this.#around()
    const extra = { ...around.extra, loop: { ...around.extra.loop, ...more } }
    return this.#world.nameSpace.names(state, this.#world, this.#task, extra)
  }

  /** The surroundings with what was set by hand, which wins over all but extra variables. */
  #around(): Assignment {
    const { around } = this.#assignment
    const extra = { ...around.extra, loop: { ...around.extra.loop, ...this.#vars } }
    return { ...this.#assignment, around: { ...around, extra } }
  }
}

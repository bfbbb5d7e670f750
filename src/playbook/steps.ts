import { keyText, type MapNode, type SourceNode } from '../source/node.ts'
import { type Action, findAction } from './action.ts'
import { importRole, importTasks } from './imports.ts'
import { loadInclude } from './includes.ts'
import { blockKeywords, handlerKeywords, taskKeywords } from './keyword-table.ts'
import { inherit, readKeywords } from './keywords.ts'
import { readLoop } from './loop.ts'
import { loadMeta } from './meta.ts'
import type { Context } from './session.ts'
import { loadSpared } from './spare.ts'
import { loadTask } from './task.ts'
import type { Handler, Step } from './types.ts'
import { isEmpty, refuseUnknown, text, texts } from './values.ts'

const keysOfTasks: ReadonlySet<string> = new Set(Object.keys(taskKeywords))
const keysOfHandlers: ReadonlySet<string> = new Set(Object.keys(handlerKeywords))

/** The steps of a list of tasks and blocks. Imports are replaced by what they import, plain blocks by their steps. */
export function loadSteps(node: SourceNode | undefined, context: Context): Step[] {
  return items(node, context).flatMap(item =>
    isBlock(item)
      ? loadBlock(item, context)
      : loadSpared(item, { context, table: taskKeywords }, () => loadStep(item, context)),
  )
}

/** The handlers of a list: tasks that run when they are notified. */
export function loadHandlers(node: SourceNode | undefined, context: Context): Handler[] {
  return items(node, context).flatMap(item => {
    if (isBlock(item)) return loadHandlerBlock(item, context)
    const handlers = loadSpared(item, { context, table: handlerKeywords, ofHandlers: true }, () =>
      loadHandler(item, context),
    )
    return handlers.map(handler => ('listen' in handler ? handler : { ...handler, listen: topics(item, context) }))
  })
}

/** Of a block among handlers each task is a handler of its own: nothing is rescued, and Ansible takes no second block within. */
function loadHandlerBlock(item: MapNode, context: Context): Handler[] {
  const { problems } = context.session
  for (const name of ['rescue', 'always']) {
    const list = item.get(name)
    if (list) problems.warn(`\`${name}\` of a block among handlers never runs`, list.at)
  }
  const inner = blockContext(item, context)
  const hint = 'write its tasks into the list of handlers'
  for (const nested of items(item.get('block'), context).filter(isBlock)) {
    problems.error('unsupported', 'a block within a block cannot be a handler', { at: nested.at, hint })
  }
  return loadHandlers(item.get('block'), inner)
}

function topics(item: MapNode, { session: { problems } }: Context): Handler['listen'] {
  return texts(item.get('listen'), 'listen', { problems })
}

function loadHandler(item: MapNode, context: Context): Handler[] {
  const action = findAction(item, keysOfHandlers, context.session)
  if (action === undefined) return []
  switch (action.own) {
    case 'import_tasks': {
      const file = importTasks(item, action, context)
      return file ? loadHandlers(file.node, file.context) : []
    }
    case 'include_tasks':
    case 'meta':
      return loadOwnHandler(item, action, context)
    case 'import_role':
    case 'include_role': {
      const hint = 'write the tasks themselves, `import_tasks` or `include_tasks`'
      context.session.problems.error('unsupported', `${action.asWritten} cannot be a handler`, { at: action.at, hint })
      return []
    }
    case undefined: {
      const task = loadTask(item, action, { context, table: handlerKeywords })
      return task ? [{ ...task, listen: topics(item, context) }] : []
    }
    default:
      return action.own satisfies never
  }
}

function loadOwnHandler(item: MapNode, action: Action, context: Context): Handler[] {
  const steps = action.own === 'meta' ? loadMeta(item, action, context) : loadInclude(item, action, context)
  return steps.flatMap(step => {
    if (step.kind !== 'meta' && step.kind !== 'include') return []
    if (step.kind === 'meta' && step.verb === 'flush_handlers') {
      context.session.problems.error('meta', '`flush_handlers` cannot be a handler', { at: action.at })
      return []
    }
    return [{ ...step, listen: topics(item, context) }]
  })
}

function items(node: SourceNode | undefined, { session: { problems } }: Context): MapNode[] {
  if (node === undefined || isEmpty(node)) return []
  if (node.kind !== 'seq') {
    const hint = 'each task begins with `- `'
    problems.error('not-a-list', 'a list of tasks is expected here', { at: node.at, hint })
    return []
  }
  return node.items.flatMap(item => {
    if (item.kind === 'map') return [item]
    const is = item.kind === 'seq' ? 'a list' : isEmpty(item) ? 'nothing' : 'a text'
    problems.error('not-a-task', `a task must be a mapping, not ${is}`, { at: item.at })
    return []
  })
}

function loadStep(item: MapNode, context: Context): Step[] {
  const action = findAction(item, keysOfTasks, context.session)
  if (action === undefined) {
    // the rest of the task is still looked at, so that all of its mistakes are told at once
    readKeywords(item, taskKeywords, context.session.problems)
    return []
  }
  switch (action.own) {
    case 'import_tasks': {
      const file = importTasks(item, action, context)
      return file ? loadSteps(file.node, file.context) : []
    }
    case 'import_role':
      return importRole(item, action, context)
    case 'include_tasks':
    case 'include_role':
      return loadInclude(item, action, context)
    case 'meta':
      return loadMeta(item, action, context)
    case undefined: {
      const task = loadTask(item, action, { context, table: taskKeywords })
      return task ? [task] : []
    }
    default:
      return action.own satisfies never
  }
}

function isBlock(item: MapNode): boolean {
  return ['block', 'rescue', 'always'].some(name => item.get(name) !== undefined)
}

function blockContext(item: MapNode, context: Context): Context {
  const { problems } = context.session
  const loops = item.entries.map(({ key }) => keyText(key)).filter(name => name.startsWith('with_'))
  refuseUnknown(item, 'a block', { known: [...Object.keys(blockKeywords), ...loops], problems })
  return {
    ...context,
    keywords: inherit(context.keywords, readKeywords(item, blockKeywords, problems)),
    notify: [...context.notify, ...texts(item.get('notify'), 'notify', { problems })],
  }
}

function loadBlock(item: MapNode, context: Context): Step[] {
  const { problems } = context.session
  const inner = blockContext(item, context)
  const name = text(item.get('name'), 'name', problems)?.value
  if (item.get('block') === undefined) {
    problems.error('no-block', '`rescue` and `always` belong to a `block`', { at: item.at })
  }
  const block = loadSteps(item.get('block'), inner)
  const rescue = loadSteps(item.get('rescue'), inner)
  const always = loadSteps(item.get('always'), inner)
  const loop = readLoop(item, problems)
  if (rescue.length === 0 && always.length === 0 && loop === undefined) return block
  return [
    {
      kind: 'block',
      id: context.session.nextId('block'),
      at: item.at,
      keywords: inner.keywords,
      directory: context.directory,
      ...(context.role ? { role: context.role } : {}),
      ...(name === undefined ? {} : { name }),
      ...(loop ? { loop } : {}),
      block,
      rescue,
      always,
    },
  ]
}

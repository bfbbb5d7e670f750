import { dictOf } from '../python/dict.ts'
import { typeFailure } from '../python/fail.ts'
import { type Callable, tuple, Undefined } from '../python/values.ts'
import { compileExpression, type Known } from './compile-expression.ts'
import { type CompileBody, type Frame, inner } from './frame.ts'
import { namesRead } from './names.ts'
import type { Parameter, Statement } from './nodes.ts'

interface MacroNode {
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly body: readonly Statement[]
}

/** A macro, or the body of `{% call %}`: gives the callable for a frame. */
export function compileMacro(node: MacroNode, known: Known, compileBody: CompileBody): (frame: Frame) => Callable {
  const body = compileBody(node.body)
  const fallbacks = node.parameters.map(({ fallback }) => fallback && compileExpression(fallback, known))
  const names = node.parameters.map(parameter => parameter.name)
  const read = namesRead(node.body)
  return frame => {
    const macro: Callable = (args, kwargs) => {
      const scope = inner(frame)
      if (args.length > names.length && !read.has('varargs')) {
        throw typeFailure(`macro '${node.name}' takes not more than ${names.length} argument(s)`)
      }
      const others = Object.entries(kwargs).filter(([name]) => !names.includes(name) && name !== 'caller')
      if (others.length > 0 && !read.has('kwargs')) {
        throw typeFailure(`macro '${node.name}' takes no keyword argument '${others[0]?.[0]}'`)
      }
      if (kwargs.caller !== undefined && !read.has('caller') && !names.includes('caller')) {
        throw typeFailure(`macro '${node.name}' was used with a call block, but does not call it`)
      }
      for (const [i, name] of names.entries()) {
        const given = i < args.length ? args[i] : kwargs[name]
        scope.names.set(name, given ?? null)
        if (given === undefined) {
          const missing = new Undefined(`parameter '${name}' was not provided`, { name })
          scope.names.set(name, missing)
          const fallback = fallbacks[i]
          if (fallback) scope.names.set(name, fallback(scope))
        }
      }
      scope.names.set('varargs', tuple(args.slice(names.length)))
      scope.names.set('kwargs', dictOf(others))
      const missingCaller = new Undefined('no caller defined', { name: 'caller' })
      scope.names.set('caller', kwargs.caller ?? missingCaller)
      const out: string[] = []
      body(scope, out)
      return out.join('')
    }
    Object.defineProperty(macro, 'name', { value: node.name })
    return macro
  }
}

import type { Filter, Test } from '../environment.ts'
import { asDict, dictEntries, setProperty } from '../python/dict.ts'
import { defined, typeFailure } from '../python/fail.ts'
import { iterate } from '../python/iterate.ts'
import { bind } from '../python/signature.ts'
import { typeName } from '../python/types.ts'
import { Instance, isCallable, type Keywords } from '../python/values.ts'
import type { Evaluate, Frame } from './frame.ts'
import { at } from './located.ts'
import type { Arguments, Expression } from './nodes.ts'

/** Calls a value with arguments. Throws `template.type` for what cannot be called. */
export function call(callee: unknown, args: readonly unknown[], kwargs: Keywords): unknown {
  if (isCallable(callee)) return callee(args, kwargs)
  if (callee instanceof Instance && callee.call) return callee.call(args, kwargs)
  throw typeFailure(`'${typeName(defined(callee))}' object is not callable`)
}

/** Compiles an expression that is part of another one. */
export type Part = (node: Expression) => Evaluate

/** A filter's or test's arguments, in the order of its parameters. */
export function compilePlugin(
  node: { readonly name: string; readonly args: Arguments; readonly offset: number },
  { params, run }: Filter | Test,
  of: Evaluate,
  part: Part,
): Evaluate {
  const args = compileArguments(node.args, part)
  const simple = node.args.named.length === 0 && !node.args.restNamed && !node.args.rest
  const fits = simple && params !== undefined && node.args.positional.length <= params.length
  return at(node.offset, frame => {
    const value = of(frame)
    const { environment } = frame.unit
    if (fits) return run(value, args.positional(frame), { kwargs: nothing, environment })
    const kwargs = args.named(frame)
    if (params === undefined) return run(value, args.positional(frame), { kwargs, environment })
    return run(value, bind(node.name, params, args.positional(frame), kwargs), { kwargs: nothing, environment })
  })
}

const nothing: Keywords = {}

/** Arguments by place and by name, `*list` and `**dict` spread. */
export function compileArguments(
  args: Arguments,
  part: Part,
): { positional: (frame: Frame) => unknown[]; named: (frame: Frame) => Keywords } {
  const positional = args.positional.map(part)
  const named = args.named.map(([name, value]) => [name, part(value)] as const)
  const rest = args.rest && part(args.rest)
  const restNamed = args.restNamed && part(args.restNamed)
  return {
    positional: frame => {
      const values = positional.map(evaluate => evaluate(frame))
      return rest ? [...values, ...iterate(rest(frame))] : values
    },
    named: frame => {
      if (named.length === 0 && !restNamed) return nothing
      const values: Record<string, unknown> = {}
      for (const [name, evaluate] of named) setProperty(values, name, evaluate(frame))
      if (restNamed) {
        for (const [name, value] of dictEntries(asDict(restNamed(frame), '**')))
          setProperty(values, String(name), value)
      }
      return values
    },
  }
}

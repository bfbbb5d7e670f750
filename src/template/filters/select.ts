import type { Call, Filter } from '../environment.ts'
import { attributePath } from '../python/attribute-path.ts'
import { typeFailure } from '../python/fail.ts'
import { iterate, truth } from '../python/iterate.ts'
import { str } from '../python/print.ts'

/** Jinja2's filters that apply another filter or a test to each item. */
export const selectFilters: Readonly<Record<string, Filter>> = {
  map: {
    run: (value, args, call) => {
      const each = mapping(args, call)
      return items(value).map(each)
    },
  },
  select: selecting(true, false),
  reject: selecting(false, false),
  selectattr: selecting(true, true),
  rejectattr: selecting(false, true),
}

function mapping(args: readonly unknown[], { kwargs, environment }: Call): (item: unknown) => unknown {
  const [name, ...rest] = args
  if (name === undefined) {
    const { attribute, default: fallback, ...others } = kwargs
    if (attribute === undefined) throw typeFailure('map needs a filter or an attribute')
    const unknown = Object.keys(others)[0]
    if (unknown !== undefined) throw typeFailure(`map() got an unexpected keyword argument '${unknown}'`)
    return attributePath(attribute, fallback)
  }
  return item => environment.filter(str(name), item, rest, kwargs)
}

function selecting(wanted: boolean, byAttribute: boolean): Filter {
  return {
    run: (value, args, { kwargs, environment }) => {
      const [attribute] = args
      if (byAttribute && attribute === undefined) throw typeFailure('selectattr and rejectattr need an attribute')
      const get = byAttribute ? attributePath(attribute) : (item: unknown) => item
      const [name, ...rest] = byAttribute ? args.slice(1) : args
      const holds =
        name === undefined
          ? (item: unknown) => truth(item)
          : (item: unknown) => environment.test(str(name), item, rest, kwargs)
      return items(value).filter(item => holds(get(item)) === wanted)
    },
  }
}

/** What is empty or None gives nothing, as Jinja2 has it. */
function items(value: unknown): readonly unknown[] {
  return truth(value) ? iterate(value) : []
}

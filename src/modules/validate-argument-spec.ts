import type { ArgSpec, ArgType } from '../schema/arguments.ts'
import { coerceArgs } from '../schema/coerce.ts'
import { type ControllerInputs, defineController, ModuleFailure } from './module.ts'

type Values = Readonly<Record<string, unknown>>

export const validateArgumentSpec = defineController({
  summary: 'Checks variables against a specification of arguments.',
  details: 'Played by itself before a role that has `meta/argument_specs.yml`.',
  args: {
    argument_spec: { type: 'dict', doc: 'Names, with type, required, choices, elements, options.', required: true },
    provided_arguments: { type: 'dict', doc: 'Values; what is not here is a variable of that name.', default: {} },
    validate_args_context: { type: 'dict', doc: 'Where the specification comes from.', default: {} },
  },
  examples: `
- validate_argument_spec:
    argument_spec:
      port: { type: int, required: true }
    provided_arguments:
      port: 5100
`,
  returnDocs: { argument_errors: 'What is wrong.', validate_args_context: 'Where the specification comes from.' },
  run({ argument_spec, provided_arguments, validate_args_context }, controller) {
    const values = { ...variables(Object.keys(argument_spec), controller), ...provided_arguments }
    const errors = mistakes(argument_spec, values, '')
    if (errors.length === 0) {
      return { changed: false, msg: 'The arg spec validation passed', validate_args_context }
    }
    throw new ModuleFailure(`Validation of arguments failed:\n${errors.join('\n')}`, {
      argument_errors: errors,
      argument_spec_data: argument_spec,
      validate_args_context,
    })
  },
})

function variables(names: readonly string[], { test, expression }: ControllerInputs): Values {
  return Object.fromEntries(
    names
      .filter(name => /^[A-Za-z_]\w*$/.test(name) && test(`${name} is defined`))
      .map(name => [name, expression(name)]),
  )
}

function mistakes(spec: Values, values: Values, where: string): string[] {
  const table = Object.fromEntries(Object.entries(spec).map(([name, written]) => [name, argSpec(written)]))
  const { args, problems } = coerceArgs(table, values)
  const inner = Object.entries(spec).flatMap(([name, written]) => {
    const { options } = isValues(written) ? written : {}
    if (!isValues(options)) return []
    const given = args[name]
    return (Array.isArray(given) ? given : [given])
      .filter(isValues)
      .flatMap(each => mistakes(options, each, `${where}${name}.`))
  })
  return [...problems.map(problem => (where === '' ? problem : `${problem} (in ${where.slice(0, -1)})`)), ...inner]
}

const types: readonly string[] = ['str', 'int', 'float', 'bool', 'list', 'dict', 'path', 'raw'] satisfies ArgType[]

function argSpec(written: unknown): ArgSpec {
  const { type = 'str', required, choices, elements, aliases, default: unset } = isValues(written) ? written : {}
  const kind = (name: unknown): ArgType => (types.includes(String(name)) ? (String(name) as ArgType) : 'raw') // just looked up
  return {
    type: kind(type),
    doc: '',
    required: required === true && unset === undefined,
    ...(Array.isArray(choices) ? { choices } : {}),
    ...(elements === undefined ? {} : { elements: kind(elements) }),
    ...(Array.isArray(aliases) ? { aliases } : {}),
  }
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

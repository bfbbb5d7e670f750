import { type Rules, specErrors } from '../schema/argument-spec.ts'
import { type ControllerInputs, defineController, ModuleFailure } from './module.ts'

type Values = Readonly<Record<string, unknown>>

const between = 'Between the arguments themselves; within `options` it stands beside them.'

export const validateArgumentSpec = defineController({
  summary: 'Checks variables against a specification of arguments.',
  details: 'Played by itself before a role that has `meta/argument_specs.yml`.',
  args: {
    argument_spec: {
      type: 'dict',
      doc: 'Names, each with type, required, default, choices, elements, aliases, no_log, options.',
      required: true,
    },
    provided_arguments: { type: 'dict', doc: 'Values; what is not here is a variable of that name.', default: {} },
    validate_args_context: { type: 'dict', doc: 'Where the specification comes from.', default: {} },
    mutually_exclusive: { type: 'list', doc: `At most one of each group is given. ${between}` },
    required_together: { type: 'list', doc: 'All of a group, or none.' },
    required_one_of: { type: 'list', doc: 'At least one of each group.' },
    required_if: {
      type: 'list',
      doc: '`[name, value, needed names]`, with `true` behind them: any of those is enough.',
    },
    required_by: { type: 'dict', doc: 'A name that is given, and those that it needs.' },
  },
  examples: `
- validate_argument_spec:
    argument_spec:
      port: { type: int, required: true }
      users:
        type: list
        elements: dict
        options:
          name: { required: true }
          shell: { choices: [/bin/sh, /bin/bash] }
    provided_arguments:
      port: 5100
`,
  returnDocs: {
    argument_errors: 'What is wrong.',
    argument_spec_data: 'The specification, when something is wrong.',
    validate_args_context: 'Where the specification comes from.',
  },
  run({ argument_spec, provided_arguments, validate_args_context, ...rules }, controller) {
    const values = { ...variables(Object.keys(argument_spec), controller), ...provided_arguments }
    const given: Rules = rules
    const errors = specErrors(argument_spec, values, given)
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

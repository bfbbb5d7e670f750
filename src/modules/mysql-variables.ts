import type { ArgTable } from '../schema/arguments.ts'
import { defineState, ModuleFailure } from './module.ts'
import { literal, mysql, mysqlArgs, serverAnswers } from './parts/mysql.ts'

const table = {
  variable: { type: 'str', required: true, doc: 'The variable.' },
  value: { type: 'str', doc: 'Its value; without it, the variable is told.' },
  mode: {
    type: 'str',
    choices: ['global', 'persist', 'persist_only'],
    default: 'global',
    doc: 'Whether it outlives a restart of the server: MySQL only.',
  },
  ...mysqlArgs,
} as const satisfies ArgTable

type Variable = { readonly value?: string }

export const mysqlVariables = defineState({
  summary: 'Sets and tells variables of MySQL and MariaDB.',
  details: 'Works through the `mariadb` or `mysql` client on the host. `global` was tried, with MariaDB.',
  args: table,
  check: ({ variable }) =>
    variable !== undefined && !/^[0-9A-Za-z_.]+$/.test(variable) && !/\{[{%]/.test(variable)
      ? [`invalid variable name "${variable}"`]
      : [],
  examples: `
- mysql_variables: variable=max_connections value=200
- community.mysql.mysql_variables: { variable: sync_binlog }
  register: sync
`,
  returnDocs: { msg: 'The value, where none is set.', queries: 'The statements that were run.' },
  look: args => mysql(args, [`SHOW GLOBAL VARIABLES WHERE Variable_name = ${literal(args.variable)}`]),
  read(output, { variable, value }, { checkMode }): Variable {
    if (!serverAnswers(output, checkMode)) return {}
    const line = output.stdout.split('\n').find(each => each.startsWith(`${variable}\t`))
    if (line === undefined)
      throw new ModuleFailure(
        value === undefined ? `Cannot query variable "${variable}"` : `Variable not available "${variable}"`,
      )
    return { value: line.slice(variable.length + 1) }
  },
  want: ({ value }): Variable => (value === undefined ? {} : { value }),
  same: { value: (is, want) => plain(is) === plain(want) },
  change: args => ({ script: mysql(args, [statement(args)]) }),
  returns(args, { from, to, changed }) {
    if (args.value === undefined) return { changed, msg: to?.value ?? '' }
    return changed
      ? { changed, msg: `Variable change succeeded prev_value=${from?.value ?? ''}`, queries: [statement(args)] }
      : { changed, msg: `Variable is already set to requested value.`, queries: [] }
  },
})

function statement({
  variable,
  value = '',
  mode,
}: {
  variable: string
  value?: string | undefined
  mode: string
}): string {
  // numbers and words such as ON stand bare: the server takes no text for them
  const word = /^(-?\d+(\.\d+)?|ON|OFF|DEFAULT)$/i.test(value) ? value : literal(value)
  return `SET ${mode.toUpperCase()} ${variable} = ${word}`
}

/** The server tells ON for 1 and true. */
function plain(value: string | undefined): string | undefined {
  const known: Readonly<Record<string, string>> = { '1': 'on', true: 'on', '0': 'off', false: 'off' }
  const text = value?.toLowerCase()
  return text === undefined ? undefined : (known[text] ?? text)
}

import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { defineState, ModuleFailure } from './module.ts'
import { attributeArgs } from './parts/attributes.ts'
import { type Edit, editing, editResult, openText } from './parts/edited-file.ts'
import { absentFile, type FileState } from './parts/file-look.ts'
import { editIni } from './parts/ini-text.ts'
import { pathResult } from './parts/placed-file.ts'

const table = {
  path: { type: 'path', required: true, aliases: ['dest'], doc: 'The file.' },
  section: { type: 'str', doc: 'The section; without one, what stands before the first.' },
  option: { type: 'str', doc: 'The option. Without one, the section itself is meant.' },
  value: { type: 'str', doc: 'The value of the option.' },
  values: { type: 'list', elements: 'str', doc: 'Several values: one line each.' },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether it is there.' },
  exclusive: { type: 'bool', default: true, doc: 'Other lines of the same option go.' },
  no_extra_spaces: { type: 'bool', default: false, doc: 'Writes `option=value`.' },
  ignore_spaces: { type: 'bool', default: false, doc: 'Blanks around `=` alone are no difference.' },
  allow_no_value: { type: 'bool', default: false, doc: 'The option may stand without `=` and value.' },
  modify_inactive_option: {
    type: 'bool',
    default: true,
    doc: 'A line that sets the option but is commented out is replaced.',
  },
  create: { type: 'bool', default: true, doc: 'Makes the file when it is missing.' },
  backup: { type: 'bool', default: false, doc: 'Keeps the old file under a name with the time.' },
  follow: { type: 'bool', default: false, doc: 'Edits what a link points to.', ignored: 'links are always followed' },
  section_has_values: {
    type: 'list',
    elements: 'dict',
    doc: 'Chooses among sections of the same name.',
    unsupported: 'the first section of a name is meant always',
  },
  ...attributeArgs,
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

export const iniFile = defineState({
  summary: 'Sets an option in a section of an INI file, or takes it out.',
  args: table,
  check: ({ value, values, state, option, allow_no_value }) => [
    ...(value !== undefined && values !== undefined ? ['`value` and `values` exclude each other'] : []),
    ...(state === 'present' && option !== undefined && value === undefined && values === undefined && !allow_no_value
      ? ["One of 'value' or 'values' must be given with `state: present`, or `allow_no_value`"]
      : []),
  ],
  examples: `
- ini_file: path=/etc/app.ini section=server option=port value=8080
- community.general.ini_file:
    path: /etc/systemd/journald.conf
    section: Journal
    option: SystemMaxUse
    value: 200M
    no_extra_spaces: true
    mode: "0644"
- ini_file: { path: /etc/app.ini, section: old, state: absent }
`,
  returnDocs: { path: 'The file.', msg: 'What was done.', backup_file: 'Where the old file is kept.' },
  ...editing(edit),
  returns(args, { from = absentFile, to = absentFile, changed, output }, inputs) {
    const done = edit(args, from)
    const { backup, ...result } = editResult({ from, to, changed, backup: output?.stdout }, done, inputs)
    const attributes = pathResult({ from, to, changed, inputs })
    return { ...result, ...attributes, msg: done.msg, path: args.path, ...(backup ? { backup_file: backup } : {}) }
  },
})

function edit(args: Args, from: FileState = absentFile): Edit {
  const file = openText(from)
  if (file.text === undefined) {
    if (args.state === 'absent') return { text: undefined, msg: 'OK' }
    if (!args.create) throw new ModuleFailure(`Destination ${args.path} does not exist!`, { rc: 257 })
  }
  const values = args.values ?? (args.value === undefined ? [] : [args.value])
  return editIni(file.text ?? '', {
    section: args.section === undefined ? undefined : file.own(args.section),
    option: args.option === undefined ? undefined : file.own(args.option),
    values: values.map(file.own),
    state: args.state,
    exclusive: args.exclusive,
    noExtraSpaces: args.no_extra_spaces,
    ignoreSpaces: args.ignore_spaces,
    allowNoValue: args.allow_no_value,
    modifyInactive: args.modify_inactive_option,
  })
}

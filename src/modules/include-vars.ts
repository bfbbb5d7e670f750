import { defineController, ModuleFailure } from './module.ts'

export const includeVars = defineController({
  summary: 'Reads variables from files on the controller while playing.',
  details: 'A file is looked for in `vars/` of the role, beside the file of the task, and beside the playbook.',
  freeForm: 'file',
  args: {
    file: { type: 'str', doc: 'A file of YAML or JSON.' },
    dir: { type: 'str', doc: 'A folder: all its files, in the order of their names.' },
    name: { type: 'str', doc: 'Puts all of them into a variable of this name.' },
    depth: { type: 'int', doc: 'How many levels of folders are read. 0: all.', default: 0 },
    files_matching: { type: 'str', doc: 'Only files whose names match this regular expression.' },
    ignore_files: {
      type: 'list',
      elements: 'str',
      doc: 'Regular expressions; files whose names end so are left out.',
      default: [],
    },
    extensions: {
      type: 'list',
      elements: 'str',
      doc: 'Endings that files of variables have.',
      default: ['yaml', 'yml', 'json'],
    },
    ignore_unknown_extensions: { type: 'bool', doc: 'Leaves out files with other endings.', default: false },
    hash_behaviour: {
      type: 'str',
      choices: ['replace', 'merge'],
      doc: 'Whether a dictionary takes the place of one of the same name, or goes together with it. As the setting of that name.',
    },
  },
  check: ({ file, dir }) => (file !== undefined && dir !== undefined ? ['`file` and `dir` exclude each other'] : []),
  examples: `
- include_vars: "{{ ansible_os_family }}.yml"
- ansible.builtin.include_vars:
    dir: settings
    name: settings
`,
  returnDocs: {
    ansible_facts: 'The variables.',
    ansible_included_var_files: 'The files that were read, in order.',
  },
  varsFiles: args => args,
  run({ file, dir, name, hash_behaviour }, { varsFiles = [], merged }) {
    if (file === undefined && dir === undefined) throw new ModuleFailure('give a `file` or a `dir`')
    const vars = Object.assign({}, ...varsFiles.map(each => each.vars))
    const set: Readonly<Record<string, unknown>> = name === undefined ? vars : { [name]: vars }
    return {
      changed: false,
      ansible_facts: hash_behaviour === 'merge' ? (merged?.(set) ?? set) : set,
      ansible_included_var_files: varsFiles.map(each => each.file),
    }
  },
})

import { defineAction, defineController, type Module, type ModuleRegistry } from '../modules/module.ts'
import type { ArgTable } from '../schema/arguments.ts'
import { script } from '../shell/sh.ts'

/** A few modules with tables like the real ones, for the tests of loading: nothing of them ever runs. */
export const sampleModules: ModuleRegistry = {
  find: name => modules.get(name.replace(/^(?:ansible\.(?:builtin|legacy)|community\.docker)\./, '')),
  names: () => [...modules.keys()].sort(),
}

const modules = new Map<string, Module>(
  Object.entries({
    command: sample({ ...commandArgs(), warn: { type: 'bool', doc: 'Once warned.', ignored: 'no effect' } }, 'cmd'),
    shell: sample(commandArgs(), 'cmd'),
    raw: sample(
      { cmd: { type: 'str', doc: 'What runs.', required: true }, executable: { type: 'path', doc: 'By what.' } },
      'cmd',
    ),
    copy: sample(
      {
        src: { type: 'path', doc: 'From where.' },
        content: { type: 'str', doc: 'What.' },
        dest: { type: 'path', doc: 'Where to.', required: true },
        mode: { type: 'raw', doc: 'Permissions.' },
        owner: { type: 'str', doc: 'Owner.' },
        backup: { type: 'bool', doc: 'Keep the old file.', default: false },
        attributes: { type: 'str', doc: 'Attributes.', unsupported: 'chattr is not run' },
      },
      undefined,
      args => (args.src !== undefined && args.content !== undefined ? ['src and content exclude each other'] : []),
    ),
    apt: sample({
      name: { type: 'list', elements: 'str', doc: 'Packages.', aliases: ['pkg', 'package'] },
      state: { type: 'str', doc: 'State.', choices: ['present', 'absent', 'latest'], default: 'present' },
      update_cache: { type: 'bool', doc: 'Update first.' },
      upgrade: { type: 'str', doc: 'Upgrade.', choices: ['no', 'yes', 'safe', 'dist', 'full'] },
      allow_unauthenticated: { type: 'bool', doc: 'Without keys.' },
    }),
    lineinfile: sample({
      path: { type: 'path', doc: 'File.', required: true, aliases: ['dest', 'name'] },
      regexp: { type: 'str', doc: 'What is replaced.' },
      line: { type: 'str', doc: 'The line.' },
      state: { type: 'str', doc: 'State.', choices: ['present', 'absent'], default: 'present' },
    }),
    debug: defineController({
      summary: 'Says something.',
      args: { msg: { type: 'raw', doc: 'What.' }, var: { type: 'str', doc: 'An expression.' } },
      examples: '- debug: msg=x',
      expressions: ['var'],
      run: () => ({}),
    }),
    set_fact: defineController({
      summary: 'Sets variables.',
      args: {},
      freeArgs: true,
      examples: '- set_fact: a=1',
      run: () => ({}),
    }),
  }),
)

function sample(
  args: ArgTable,
  freeForm?: string,
  check?: (args: Record<string, unknown>) => readonly string[],
): Module {
  return defineAction({
    summary: 'A sample.',
    args,
    ...(freeForm === undefined ? {} : { freeForm }),
    ...(check ? { check } : {}),
    examples: '- sample:',
    act: () => ({ script: script('true') }),
    read: () => ({}),
  })
}

function commandArgs(): ArgTable {
  return {
    cmd: { type: 'str', doc: 'What runs.' },
    creates: { type: 'path', doc: 'Not if this is there.' },
    removes: { type: 'path', doc: 'Only if this is there.' },
    chdir: { type: 'path', doc: 'Where.' },
    executable: { type: 'path', doc: 'By what.' },
    stdin: { type: 'str', doc: 'Input.' },
  }
}

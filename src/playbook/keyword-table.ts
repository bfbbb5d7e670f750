/** What a keyword's value must be, unless it is a template. */
export type KeywordType = 'bool' | 'int' | 'float' | 'percent' | 'text' | 'special'

/** Keywords that plays, blocks, tasks and roles share. `special` ones are read by code of their own. */
const shared = {
  name: 'special',
  tags: 'special',
  vars: 'special',
  environment: 'special',
  module_defaults: 'special',
  collections: 'special',
  debugger: 'text',
  become: 'bool',
  become_user: 'text',
  become_method: 'text',
  become_flags: 'text',
  become_exe: 'text',
  remote_user: 'text',
  connection: 'text',
  port: 'int',
  run_once: 'bool',
  ignore_errors: 'bool',
  ignore_unreachable: 'bool',
  any_errors_fatal: 'bool',
  check_mode: 'bool',
  diff: 'bool',
  no_log: 'bool',
  throttle: 'int',
  timeout: 'int',
} as const satisfies Record<string, KeywordType>

const conditional = {
  when: 'special',
  delegate_to: 'text',
  delegate_facts: 'bool',
} as const satisfies Record<string, KeywordType>

export const playKeywords = {
  ...shared,
  hosts: 'special',
  gather_facts: 'bool',
  gather_subset: 'special',
  gather_timeout: 'int',
  fact_path: 'text',
  vars_files: 'special',
  vars_prompt: 'special',
  roles: 'special',
  handlers: 'special',
  pre_tasks: 'special',
  tasks: 'special',
  post_tasks: 'special',
  force_handlers: 'bool',
  max_fail_percentage: 'percent',
  serial: 'special',
  strategy: 'text',
  order: 'text',
  user: 'text',
} as const satisfies Record<string, KeywordType>

export const importPlaybookKeywords = {
  import_playbook: 'special',
  'ansible.builtin.import_playbook': 'special',
  name: 'special',
  when: 'special',
  tags: 'special',
  vars: 'special',
} as const satisfies Record<string, KeywordType>

export const blockKeywords = {
  ...shared,
  ...conditional,
  block: 'special',
  rescue: 'special',
  always: 'special',
  notify: 'special',
  loop: 'special',
  loop_control: 'special',
} as const satisfies Record<string, KeywordType>

/** Keys of a task beside its module and `with_…`. */
export const taskKeywords = {
  ...shared,
  ...conditional,
  action: 'special',
  local_action: 'special',
  args: 'special',
  async: 'int',
  poll: 'int',
  changed_when: 'special',
  failed_when: 'special',
  until: 'special',
  retries: 'int',
  delay: 'float',
  loop: 'special',
  loop_control: 'special',
  notify: 'special',
  register: 'special',
} as const satisfies Record<string, KeywordType>

export const handlerKeywords = { ...taskKeywords, listen: 'special' } as const satisfies Record<string, KeywordType>

/** Keys of an entry of `roles:` and of `dependencies:`; any other key is a parameter. */
export const roleKeywords = {
  ...shared,
  ...conditional,
  role: 'special',
  src: 'special',
  version: 'special',
  scm: 'special',
} as const satisfies Record<string, KeywordType>

/** Keywords that mean something on an include itself; others would not reach what is included. */
export const includeKeywords: ReadonlySet<string> = new Set([
  'name',
  'when',
  'tags',
  'vars',
  'loop',
  'loop_control',
  'register',
  'run_once',
  'ignore_errors',
  'no_log',
  'timeout',
  'collections',
  'debugger',
  'args',
  'action',
])

/** Words of older versions, and what is written today. */
export const formerKeywords: Readonly<Record<string, string>> = {
  sudo: '`sudo` was removed: write `become: yes`',
  sudo_user: '`sudo_user` was removed: write `become: yes` and `become_user`',
  su: '`su` was removed: write `become: yes` and `become_method: su`',
  su_user: '`su_user` was removed: write `become_user` and `become_method: su`',
  always_run: '`always_run` was removed: write `check_mode: no`',
  first_available_file: '`first_available_file` was removed: write `with_first_found`',
  static: '`static` was removed: write `import_tasks` or `include_tasks`',
  accelerate: '`accelerate` was removed',
}

import { script, sh } from '../shell/sh.ts'
import { defineAction, type Result } from './module.ts'

const separators: Readonly<Record<string, string>> = { passwd: ':', shadow: ':', group: ':', gshadow: ':' }

export const getent = defineAction({
  summary: 'Reads entries of a database of the host, such as users or groups.',
  args: {
    database: { type: 'str', doc: 'The database: `passwd`, `group`, `hosts`, `services` …', required: true },
    key: { type: 'str', doc: 'The entry; all of them by default.' },
    service: { type: 'str', doc: 'The source to ask, in place of those of nsswitch.conf.' },
    split: { type: 'str', doc: 'What stands between values; `:` for users and groups, else blanks.' },
    fail_key: { type: 'bool', doc: 'Fails when there is no such entry.', default: true },
  },
  examples: `
- getent: database=passwd key=root
- debug:
    var: ansible_facts.getent_passwd
- ansible.builtin.getent:
    database: group
    split: ':'
`,
  returnDocs: { ansible_facts: '`getent_DATABASE`: entry → its values.' },
  readOnly: true,
  act: ({ database, key, service }) => ({
    // BusyBox has no getent: users and groups are read from their files there.
    script: sh`if command -v getent >/dev/null 2>&1; then
  getent ${service === undefined ? [] : ['-s', service]} -- ${database} ${key === undefined ? [] : [key]}
elif [ -r /etc/${database} ]; then
  found=2
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in ${key === undefined ? script('*') : sh`${key}:*`}) found=0; printf '%s\n' "$line";; esac
  done </etc/${database}
  exit $found
else exit 1
fi`,
  }),
  read({ status, stdout }, { database, key, split, fail_key }): Result {
    const name = `getent_${database}`
    if (status === 0) {
      const separator = split ?? separators[database]
      const rows = stdout.split('\n').filter(Boolean)
      const entries = rows.map(row => (separator === undefined ? row.split(/\s+/) : row.split(separator)))
      return {
        changed: false,
        ansible_facts: { [name]: Object.fromEntries(entries.map(([entry, ...rest]) => [entry, rest])) },
      }
    }
    if (status === 2 && !fail_key)
      return {
        changed: false,
        ansible_facts: { [name]: { [key ?? '']: null } },
        msg: `One or more supplied key could not be found in the database.`,
      }
    return { failed: true, msg: failures[status] ?? 'Unexpected failure!' }
  },
})

const failures: Readonly<Record<number, string>> = {
  1: 'Missing arguments, or database unknown.',
  2: 'One or more supplied key could not be found in the database.',
  3: 'Enumeration not supported on this database.',
}

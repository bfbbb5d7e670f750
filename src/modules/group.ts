import { lines, sh } from '../shell/sh.ts'
import { defineState } from './module.ts'
import { entry } from './parts/accounts.ts'

export const group = defineState({
  summary: 'Makes a group of users, or removes it.',
  args: {
    name: { type: 'str', required: true, doc: 'The group.' },
    gid: { type: 'int', doc: 'Its number; the next free one when not given.' },
    state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is there.' },
    system: { type: 'bool', default: false, doc: 'A new group gets a number of the system’s range.' },
    local: {
      type: 'bool',
      default: false,
      doc: 'Leaves groups of a directory service alone.',
      ignored: 'only local groups are made',
    },
    non_unique: { type: 'bool', default: false, doc: 'The number may be another group’s too.' },
    force: { type: 'bool', default: false, doc: 'Removes it even when it is some user’s own group.' },
    gid_min: { type: 'int', doc: 'Lowest number to choose.', unsupported: 'the range of the host is used' },
    gid_max: { type: 'int', doc: 'Highest number to choose.', unsupported: 'the range of the host is used' },
  },
  examples: `
- name: Have a group for the service
  become: true
  ansible.builtin.group:
    name: predictor
    system: true
`,
  returnDocs: { name: 'The group.', gid: 'Its number.', state: 'As asked for.', system: 'As asked for.' },
  check: ({ gid, non_unique: nonUnique }) => (nonUnique && gid === undefined ? ['`non_unique` needs `gid`'] : []),
  look: ({ name }) => entry('group', name),
  read({ stdout }) {
    const [name, , gid] = stdout.trim().split(':')
    return name ? { gid: Number(gid) } : undefined
  },
  want: ({ state, gid }) => (state === 'absent' ? undefined : gid === undefined ? {} : { gid }),
  change({ name, gid, system, non_unique: nonUnique, force }, { from, to }) {
    if (to === undefined) {
      return {
        light: true,
        script: sh`if command -v groupdel >/dev/null; then groupdel ${force ? ['-f'] : []} -- ${name}; else delgroup ${name}; fi`,
      }
    }
    const number = gid === undefined ? [] : ['-g', String(gid)]
    const unique = nonUnique ? ['-o'] : []
    if (from !== undefined) {
      return {
        light: true,
        script: lines(
          sh`command -v groupmod >/dev/null || { echo 'BusyBox cannot set \`gid\` of a group that is there: install the package shadow' >&2; exit 127; }`,
          sh`groupmod ${number} ${unique} -- ${name}`,
        ),
      }
    }
    return {
      light: true,
      script: lines(
        sh`if command -v groupadd >/dev/null; then groupadd ${number} ${unique} ${system ? ['-r'] : []} -- ${name}`,
        sh`else addgroup ${number} ${system ? ['-S'] : []} ${name}; fi`,
      ),
    }
  },
  returns({ name, state, system }, { from, to, changed }, { checkMode }) {
    // of a check: what is there
    const gid = checkMode && changed ? from?.gid : to?.gid
    return { name, state, system, ...(gid === undefined || state === 'absent' ? {} : { gid }) }
  },
})

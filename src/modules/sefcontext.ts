import type { ArgTable } from '../schema/arguments.ts'
import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState } from './module.ts'
import { selinuxAnswers, selinuxArgs, selinuxReady } from './parts/semanage.ts'

const table = {
  target: { type: 'str', required: true, aliases: ['path'], doc: 'The paths: a regular expression.' },
  ftype: {
    type: 'str',
    choices: ['a', 'b', 'c', 'd', 'f', 'l', 'p', 's'],
    default: 'a',
    doc: 'Which kind of file: all, block and character devices, folders, files, links, pipes, sockets.',
  },
  setype: { type: 'str', doc: 'The type of the policy.' },
  seuser: { type: 'str', doc: 'The user of the label.' },
  selevel: { type: 'str', aliases: ['serange'], doc: 'The level of the label.' },
  substitute: { type: 'str', aliases: ['equal'], doc: 'A path whose labels count for the target, too.' },
  state: { type: 'str', choices: ['absent', 'present'], default: 'present', doc: 'Whether the rule is there.' },
  ...selinuxArgs,
} as const satisfies ArgTable

type Rule = { readonly context?: string | undefined; readonly substitute?: string | undefined }

const kinds: Readonly<Record<string, string>> = {
  a: 'all files',
  b: 'block device',
  c: 'character device',
  d: 'directory',
  f: 'regular file',
  l: 'symbolic link',
  p: 'named pipe',
  s: 'socket',
}

export const sefcontext = defineState({
  summary: 'Keeps rules for labels of files in the SELinux policy.',
  details:
    'Files that are there keep their labels: `command: restorecon -R …` brings them in line. Works through `semanage`. Tried with stand-ins for its tools only, not on a host with SELinux.',
  args: table,
  check: args => [
    ...(args.state === 'present' && args.setype === undefined && args.substitute === undefined
      ? ['one of `setype` and `substitute` is needed']
      : []),
    ...(args.substitute !== undefined && (args.setype ?? args.seuser ?? args.selevel) !== undefined
      ? ['`substitute` excludes `setype`, `seuser` and `selevel`']
      : []),
    ...(args.substitute !== undefined && args.ftype !== undefined && args.ftype !== 'a'
      ? ['`substitute` is for all files']
      : []),
  ],
  examples: `
- sefcontext: target="/srv/www(/.*)?" setype=httpd_sys_content_t
  when: ansible_selinux.status | default('disabled') == 'enabled'
- community.general.sefcontext:
    target: /srv/web
    substitute: /var/www
- sefcontext: { target: /srv/old, state: absent }
`,
  look: args =>
    lines(
      selinuxReady(args),
      section('all'),
      sh`semanage fcontext -l -n || exit`,
      section('own'),
      sh`semanage fcontext -l -n -C || exit`,
    ),
  read(output, args): Rule {
    const parts = sections(selinuxAnswers(output))
    const all = `${parts.get('own') ?? ''}\n${args.state === 'absent' ? '' : (parts.get('all') ?? '')}`.split('\n')
    const rules = all.flatMap(line => {
      const rest = line.startsWith(`${args.target} `) ? line.slice(args.target.length).trim() : ''
      const kind = kinds[args.ftype] ?? ''
      return rest.startsWith(`${kind} `) ? [rest.slice(kind.length).trim()] : []
    })
    const substitutes = all.flatMap(line =>
      line.startsWith(`${args.target} = `) ? [line.slice(args.target.length + 3).trim()] : [],
    )
    return { context: rules[0], substitute: substitutes[0] }
  },
  want({ state, setype, seuser, selevel, substitute }, from): Partial<Rule> {
    if (state === 'absent') {
      const isOther = substitute !== undefined && from?.substitute !== substitute
      return {
        ...(substitute === undefined && from?.context !== undefined ? { context: 'none' } : {}),
        ...(setype === undefined && from?.substitute !== undefined && !isOther ? { substitute: 'none' } : {}),
      }
    }
    if (substitute !== undefined) return { substitute }
    const [user = 'system_u', role = 'object_r', , ...level] = from?.context?.split(':') ?? []
    const range = level.length > 0 ? level.join(':') : 's0'
    return { context: [seuser ?? user, role, setype ?? '', selevel ?? range].join(':') }
  },
  // an absent rule is seen as one that is not there
  same: {
    context: (is, want) => is === want || (want === 'none' && is === undefined),
    substitute: (is, want) => is === want || (want === 'none' && is === undefined),
  },
  change(args, { from, to }) {
    const { target, ftype, setype = '' } = args
    const reload = args.reload ? [] : ['-N']
    const [user = '', , , ...level] = to?.context?.split(':') ?? []
    const label = ['-t', setype, '-s', user, '-r', level.join(':')]
    return {
      script: lines(
        selinuxReady(args),
        to?.context === 'none' && sh`semanage fcontext -d ${reload} -f ${ftype} ${target} || exit`,
        to?.substitute === 'none' && sh`semanage fcontext -d ${reload} -e ${from?.substitute ?? ''} ${target} || exit`,
        to?.context !== undefined &&
          to.context !== 'none' &&
          sh`semanage fcontext ${from?.context === undefined ? '-a' : '-m'} ${reload} -f ${ftype} ${label} ${target} || exit`,
        to?.substitute !== undefined &&
          to.substitute !== 'none' &&
          sh`semanage fcontext ${from?.substitute === undefined ? '-a' : '-m'} ${reload} -e ${to.substitute} ${target} || exit`,
      ),
    }
  },
  returns: ({ target, ftype, setype, state }, { changed }) => ({
    changed,
    target,
    ftype,
    setype: setype ?? null,
    state,
  }),
})

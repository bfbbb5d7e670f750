import type { ArgsOf, ArgTable } from '../schema/arguments.ts'
import { lines, type Script, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'
import { editCrontab, jobNames, variableNames } from './parts/crontab.ts'

const table = {
  name: { type: 'str', required: true, doc: 'The name of the job, or of the variable with `env`.' },
  job: { type: 'str', aliases: ['value'], doc: 'The command, or the value of the variable.' },
  state: { type: 'str', choices: ['present', 'absent'], default: 'present', doc: 'Whether it is there.' },
  user: { type: 'str', doc: 'Whose crontab; that of the user who logs in by default.' },
  cron_file: { type: 'path', doc: 'A file of `/etc/cron.d`, or a whole path, in place of a crontab.' },
  minute: { type: 'str', default: '*', doc: 'Minutes (`0-59`, `*`, `*/5`).' },
  hour: { type: 'str', default: '*', doc: 'Hours.' },
  day: { type: 'str', default: '*', aliases: ['dom'], doc: 'Days of the month.' },
  month: { type: 'str', default: '*', doc: 'Months.' },
  weekday: { type: 'str', default: '*', aliases: ['dow'], doc: 'Days of the week.' },
  special_time: {
    type: 'str',
    choices: ['annually', 'daily', 'hourly', 'monthly', 'reboot', 'weekly', 'yearly'],
    doc: 'A time by its name.',
  },
  disabled: { type: 'bool', default: false, doc: 'The job is there, but commented out.' },
  env: { type: 'bool', default: false, doc: 'A variable is meant.' },
  insertafter: { type: 'str', doc: 'The variable that a new one goes behind.' },
  insertbefore: { type: 'str', doc: 'The variable that a new one goes before.' },
  backup: { type: 'bool', default: false, doc: 'Keeps the old crontab in a temporary file.' },
} as const satisfies ArgTable

type Args = ArgsOf<typeof table>

/** The text; `there` says whether there is a crontab at all. */
type Crontab = { readonly text?: string; readonly there?: boolean }

export const cron = defineState({
  summary: 'Keeps a job, or a variable, in a crontab.',
  args: table,
  check({
    special_time,
    minute,
    hour,
    day,
    month,
    weekday,
    state,
    cron_file,
    user,
    job,
    name,
    env,
    insertafter,
    insertbefore,
  }) {
    const present = state === 'present'
    const times = [minute, hour, day, month, weekday].some(time => time !== undefined && time !== '*')
    return [
      ...(special_time !== undefined && times ? ['You must specify time and date fields or special time.'] : []),
      ...(present && cron_file !== undefined && user === undefined && !env
        ? ['To use cron_file=... parameter you must specify user=... as well']
        : []),
      ...(present && job === undefined ? ["You must specify 'job' to install a new cron job or variable"] : []),
      ...(insertafter !== undefined && insertbefore !== undefined
        ? ['`insertafter` and `insertbefore` exclude each other']
        : []),
      ...(cron_file === '/etc/crontab' ? ['Will not manage /etc/crontab via cron_file'] : []),
      ...([job?.replace(/[\r\n]+$/, ''), name].some(text => text?.includes('\n'))
        ? ['`name` and `job` hold no line break']
        : []),
      ...(env && name !== undefined && /[\s=]/.test(name) ? ['Invalid name for environment variable'] : []),
    ]
  },
  examples: `
- cron: name="nightly dump" minute=30 hour=2 job="/usr/local/bin/dump >/dev/null"
- cron: { name: PATH, env: true, job: "/opt/bin:/usr/bin:/bin" }
- ansible.builtin.cron:
    name: clean up
    special_time: daily
    user: root
    cron_file: app_cleanup
    job: find /srv/app/tmp -mtime +7 -delete
`,
  returnDocs: {
    jobs: 'The names of all jobs.',
    envs: 'The names of all variables.',
    backup_file: 'Where the old crontab is kept.',
  },
  look: args =>
    args.cron_file === undefined
      ? lines(
          sh`command -v crontab >/dev/null 2>&1 || { echo 'crontab is not on this host: install cron' >&2; exit 3; }`,
          sh`said=$(crontab ${owner(args)} -l 2>&1 >/dev/null) || { case $said in *[Nn]"o crontab"*|*"can't open"*) exit 44 ;; esac; printf '%s\n' "$said" >&2; exit 1; }
crontab ${owner(args)} -l`,
        )
      : sh`[ -e ${fileOf(args.cron_file)} ] || exit 44; cat -- ${fileOf(args.cron_file)}`,
  read({ status, stdout, stderr }): Crontab {
    if (status === 44) return { text: '', there: false }
    if (status !== 0) throw new ModuleFailure(stderr.trim() || 'Unable to read crontab', { rc: status })
    return { text: withoutHeader(stdout), there: true }
  },
  want(args, from): Crontab {
    if (args.state === 'absent' && !from?.there) return {}
    const text = edited(args, from?.text ?? '')
    // An empty file of cron.d is of no use
    if (args.cron_file !== undefined && text.trim() === '' && args.state === 'absent') return { text: '', there: false }
    return { text }
  },
  change(args, { from, to }) {
    const text = to?.text ?? ''
    const backup =
      args.backup && from?.there
        ? sh`b=$(mktemp -t crontab.XXXXXX) && printf %s ${from.text ?? ''} >"$b" && printf '%s\n' "$b" || exit`
        : undefined
    if (args.cron_file === undefined) return { script: lines(backup, sh`crontab ${owner(args)} -`), stdin: text }
    const file = fileOf(args.cron_file)
    const remove: Script = sh`rm -f -- ${file}`
    if (to?.there === false) return { script: lines(backup, remove) }
    return {
      // cron reads no file with a dot in its name: the temporary one is never run
      script: lines(
        backup,
        file.startsWith('/etc/cron.d/') &&
          sh`[ -d /etc/cron.d ] || { echo 'there is no /etc/cron.d on this host: its cron reads the crontabs of users alone' >&2; exit 1; }`,
        sh`f=${file}; t=\${f%/*}/.mlops.\${f##*/}.tmp
trap 'rm -f -- "$t"' EXIT
umask 022
cat >"$t" && chmod ${from?.there ? sh`"$(stat -c %a -- "$f")"` : '644'} -- "$t" && mv -f -- "$t" "$f"`,
      ),
      stdin: text,
    }
  },
  diff: (args, { from, to }) => {
    const header =
      args.cron_file === undefined
        ? args.user === undefined
          ? 'crontab'
          : `crontab for user "${args.user}"`
        : fileOf(args.cron_file)
    return { before_header: header, after_header: header, before: from?.text ?? '', after: to?.text ?? '' }
  },
  returns: (args, { to, changed, output }) => {
    const backup = args.backup ? output?.stdout.trim() : undefined
    return {
      changed,
      jobs: jobNames(to?.text ?? ''),
      envs: variableNames(to?.text ?? ''),
      ...(args.cron_file === undefined ? {} : { cron_file: args.cron_file }),
      ...(backup ? { backup_file: backup } : {}),
    }
  },
})

function owner({ user }: Args): readonly string[] {
  return user === undefined ? [] : ['-u', user]
}

function fileOf(file: string): string {
  return file.startsWith('/') ? file : `/etc/cron.d/${file}`
}

/** Three lines that some a crontab writes by itself, and would write again. */
function withoutHeader(text: string): string {
  return text.replace(/^# DO NOT EDIT THIS FILE[^\n]*\n(# \([^\n]*\n){0,2}/, '')
}

function edited(args: Args, text: string): string {
  const { insertafter, insertbefore } = args
  try {
    return editCrontab(text, {
      name: args.name,
      variable: args.env,
      line: args.state === 'absent' ? undefined : args.env ? `${args.name}="${args.job}"` : lineOf(args),
      insertAfter: insertafter,
      insertBefore: insertbefore,
    })
  } catch (error) {
    if (error instanceof RangeError) throw new ModuleFailure(error.message)
    throw error
  }
}

function lineOf({
  minute,
  hour,
  day,
  month,
  weekday,
  special_time,
  disabled,
  cron_file,
  user,
  job = '',
}: Args): string {
  const time = special_time === undefined ? [minute, hour, day, month, weekday].join(' ') : `@${special_time}`
  const who = cron_file === undefined ? '' : `${user ?? 'root'} `
  return `${disabled ? '#' : ''}${time} ${who}${job.replace(/[\r\n]+$/, '')}`
}

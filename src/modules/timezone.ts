import type { ArgTable } from '../schema/arguments.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineState, ModuleFailure } from './module.ts'

const table = {
  name: { type: 'str', doc: 'The zone, such as `Europe/Berlin`.' },
  hwclock: {
    type: 'str',
    choices: ['local', 'UTC'],
    aliases: ['rtc'],
    doc: 'What the clock of the hardware shows.',
    unsupported: 'the clock of the hardware is left alone',
  },
} as const satisfies ArgTable

type Zone = { readonly name?: string; readonly written?: string }

export const timezone = defineState({
  summary: 'Sets the time zone of the host.',
  args: table,
  check: ({ name }) => [
    ...(name === undefined ? ['`name` is needed'] : []),
    ...(name !== undefined && !/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/.test(name)
      ? ['`name` is no name of a zone']
      : []),
  ],
  examples: `
- timezone: name=Europe/Berlin
- community.general.timezone: { name: UTC }
`,
  look: ({ name = '' }) => sh`
[ -e /usr/share/zoneinfo/${name} ] || { printf 'given timezone "%s" is not available\n' ${name} >&2; exit 4; }
link=$(readlink /etc/localtime 2>/dev/null); printf '%s\n' "\${link##*/zoneinfo/}"
cat /etc/timezone 2>/dev/null || :`,
  read({ status, stdout, stderr }): Zone {
    if (status === 4) throw new ModuleFailure(`${stderr.trim()} (package tzdata)`)
    const [name = '', written] = stdout.split('\n')
    return { name, ...(written ? { written } : {}) }
  },
  want: ({ name = '' }, from): Zone => ({ name, ...(from?.written === undefined ? {} : { written: name }) }),
  change: ({ name = '' }, { from }) => ({
    script: lines(
      sh`
if [ -d /run/systemd/system ] && command -v timedatectl >/dev/null 2>&1; then timedatectl set-timezone ${name} || exit
else
  ln -s -f -- ${`/usr/share/zoneinfo/${name}`} /etc/.mlops-localtime && mv -f -- /etc/.mlops-localtime /etc/localtime || exit
fi`,
      from?.written !== undefined && sh`printf '%s\n' ${name} >/etc/timezone`,
    ),
  }),
  diff: (_args, { from, to }) => ({ before: `${from?.name ?? ''}\n`, after: `${to?.name ?? ''}\n` }),
})

import { createHash } from 'node:crypto'
import { defineState } from '../../modules/module.ts'
import { sh } from '../../shell/sh.ts'

/**
 * Runs the commands of `runcmd` or `bootcmd` as one script, where they are not the ones that ran last: in an earlier play, or at the
 * first boot by cloud-init, which writes the same script.
 */
export const runCommands = defineState({
  summary: 'Runs commands of a cloud-config once.',
  args: {
    key: { type: 'str', required: true, doc: '`runcmd` or `bootcmd`.' },
    script: { type: 'str', required: true, doc: 'What runs.' },
    last: { type: 'str', required: true, doc: 'What is said of a failure: its last command, whose status counts.' },
    folder: {
      type: 'path',
      default: '/var/lib/mlops/cloud-init',
      doc: 'Where a server keeps which commands ran last.',
    },
    force: { type: 'bool', default: false, doc: 'Runs them whatever ran last.' },
  },
  examples: '',
  look: ({ key, folder }) => sh`
cat ${`${folder}/${key}.sha256`} 2>/dev/null && exit 0
if [ ${key} = runcmd ] && [ -e /var/lib/cloud/instance/sem/config_scripts_user ] && ! grep -q scripts-user /var/lib/cloud/data/result.json 2>/dev/null; then
  sha256sum </var/lib/cloud/instance/scripts/runcmd 2>/dev/null
fi
exit 0`,
  read: ({ stdout }) => ({ ran: stdout.split(' ')[0]?.trim() ?? '' }),
  want: ({ script, force }) => ({ ran: force ? 'again' : digest(script) }),
  change: ({ key, script, last, folder }) => ({
    stdin: script,
    script: sh`
umask 077
mkdir -p ${folder} && cd / || exit 1
script=${`${folder}/${key}`}
cat >"$script" || exit 1
/bin/sh "$script" </dev/null 2>"$script.err"
status=$?
if [ "$status" -ne 0 ]; then printf '%s\n' ${last} >&2; fi
cat "$script.err" >&2
rm -f "$script.err"
[ "$status" -ne 0 ] || printf '%s\n' ${digest(script)} >"$script.sha256"
exit "$status"`,
  }),
  diff: ({ key, script }) => ({ before_header: key, after_header: key, before: '', after: script }),
  // forced, the same commands ran last before and after
  verify: false,
  returns: (_args, { output }) => (output ? { stdout: output.stdout, stderr: output.stderr } : {}),
})

function digest(script: string): string {
  return createHash('sha256').update(script).digest('hex')
}

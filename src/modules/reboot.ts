import { section, sections } from '../shell/sections.ts'
import { lines, script, sh } from '../shell/sh.ts'
import { defineAction, type Result } from './module.ts'

export const reboot = defineAction({
  summary: 'Restarts the host, and waits until it is back.',
  details:
    'The host is back when it answers on a new line, its boot identifier is another one, and `test_command` succeeds. Needs root on the host.',
  args: {
    pre_reboot_delay: { type: 'int', default: 0, doc: 'Seconds before it goes down.' },
    post_reboot_delay: { type: 'int', default: 0, doc: 'Seconds before the first look whether it is back.' },
    reboot_timeout: { type: 'int', default: 600, doc: 'Longest wait, in seconds.' },
    connect_timeout: {
      type: 'int',
      doc: 'Longest wait for one try.',
      ignored: 'the connection’s own limit holds',
    },
    test_command: { type: 'str', default: 'whoami', doc: 'Shell text that succeeds when the host is ready.' },
    boot_time_command: {
      type: 'str',
      default: 'cat /proc/sys/kernel/random/boot_id',
      doc: 'Shell text whose output differs after a restart.',
    },
    msg: { type: 'str', default: 'Reboot initiated by Ansible', doc: 'What users of the host are told.' },
    reboot_command: { type: 'str', doc: 'Shell text that restarts the host, in place of `shutdown` or `reboot`.' },
    search_paths: {
      type: 'list',
      elements: 'str',
      default: ['/sbin', '/bin', '/usr/sbin', '/usr/bin', '/usr/local/sbin'],
      doc: 'Where `shutdown` is looked for.',
    },
  },
  examples: `
- name: Restart for the new kernel
  become: true
  reboot:
    reboot_timeout: 300
    test_command: systemctl is-system-running --wait || true
`,
  returnDocs: { rebooted: 'Whether the host was restarted.', elapsed: 'Seconds until it was back.' },
  runsInCheckMode: true,
  act({ boot_time_command, reboot_command, msg, pre_reboot_delay, search_paths }, { checkMode }) {
    if (checkMode) return { script: sh`:` }
    // It goes down behind the answer: a line that breaks in the middle of a script would be a host that is lost.
    const down =
      reboot_command === undefined
        ? sh`if command -v shutdown >/dev/null 2>&1; then shutdown -r now ${msg}; else reboot; fi`
        : script(reboot_command)
    return {
      script: lines(
        sh`PATH=$PATH:${search_paths.join(':')}; export PATH`,
        reboot_command === undefined &&
          sh`[ "$(id -u)" = 0 ] || { echo 'only root may restart the host: set become' >&2; exit 1; }
command -v shutdown >/dev/null 2>&1 || command -v reboot >/dev/null 2>&1 || { echo 'neither shutdown nor reboot is on this host' >&2; exit 127; }`,
        section('boot'),
        sh`( ${script(boot_time_command)}
) || exit`,
        sh`own=setsid
command -v setsid >/dev/null 2>&1 || own=
nohup $own sh -c ${lines(sh`sleep ${Math.max(1, pre_reboot_delay)}`, down).text} </dev/null >/dev/null 2>&1 &`,
      ),
    }
  },
  read({ status, stdout, stderr }): Result {
    if (status !== 0) return { failed: true, rebooted: false, msg: stderr.trim() || `exit status ${status}` }
    const boot = sections(stdout).get('boot')?.trim()
    return { changed: true, rebooted: true, elapsed: 0, ...(boot === undefined ? {} : { boot_id: boot }) }
  },
  restarts({ boot_time_command, test_command, pre_reboot_delay, post_reboot_delay, reboot_timeout }, { boot_id }) {
    return {
      probe: lines(
        section('boot'),
        sh`( ${script(boot_time_command)}
) || exit`,
        section('test'),
        script(test_command),
      ),
      isBack: ({ status, stdout }) => status === 0 && sections(stdout).get('boot')?.trim() !== boot_id,
      delayMs: 1000 * (Math.max(0, pre_reboot_delay) + Math.max(1, post_reboot_delay)),
      sleepMs: 2000,
      timeoutMs: 1000 * (reboot_timeout + Math.max(0, pre_reboot_delay)),
    }
  },
})

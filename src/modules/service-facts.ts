import { section, sections } from '../shell/sections.ts'
import { lines, sh } from '../shell/sh.ts'
import { defineAction, type Result } from './module.ts'

/** States in which a unit cannot run: systemd's answer about the file does not count then. */
const BAD = ['not-found', 'masked', 'failed']

type Service = { readonly name: string; readonly state: string; readonly status: string; readonly source: string }

export const serviceFacts = defineAction({
  summary: 'Reads which services the host has, and which run.',
  details: 'Asks systemd, OpenRC or the scripts of `/etc/init.d`.',
  args: {},
  examples: `
- service_facts:
- debug: msg="cron runs"
  when: ansible_facts.services['cron.service'].state | default('') == 'running'
`,
  returnDocs: { ansible_facts: '`services`: name → `name`, `state`, `status`, `source`.' },
  readOnly: true,
  act: () => ({
    script: lines(
      sh`LC_ALL=C; SYSTEMD_COLORS=0; export LC_ALL SYSTEMD_COLORS`,
      sh`if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then`,
      section('units'),
      sh`systemctl list-units --no-pager --no-legend --plain --full --type service --all`,
      section('files'),
      sh`systemctl list-unit-files --no-pager --no-legend --full --type service
elif command -v rc-status >/dev/null 2>&1; then`,
      section('openrc'),
      sh`rc-status -a -s -m 2>/dev/null
else`,
      section('sysv'),
      sh`for f in /etc/init.d/*; do
  [ -f "$f" ] && [ -x "$f" ] || continue
  if "$f" status >/dev/null 2>&1 </dev/null; then echo "running \${f##*/}"; else echo "stopped \${f##*/}"; fi
done
fi
:`,
    ),
  }),
  read({ stdout }): Result {
    const parts = sections(stdout)
    const services: Record<string, Service> = {}
    for (const fields of rows(parts.get('units'))) {
      // An older systemctl puts a dot before units in trouble
      const [name = '', load = '', active = '', sub = ''] =
        fields[0] === '●' || fields[0] === '*' ? fields.slice(1) : fields
      const bad = [load, active, sub].find(word => BAD.includes(word))
      const state = sub === 'running' ? 'running' : 'stopped'
      services[name] = { name, state, status: bad ?? active, source: 'systemd' }
    }
    for (const [name = '', status = ''] of rows(parts.get('files'))) {
      const known = services[name]
      if (known && BAD.includes(known.status)) continue
      services[name] = { name, state: 'inactive', source: 'systemd', ...known, status }
    }
    for (const [name = '', , state = ''] of rows(parts.get('openrc')?.replaceAll('[', ' [ '))) {
      const word = state.replace(/[\]\s]/g, '')
      services[name] = { name, state: word === 'started' ? 'running' : word, status: word, source: 'openrc' }
    }
    for (const [state = '', name = ''] of rows(parts.get('sysv'))) {
      services[name] = { name, state, status: 'unknown', source: 'sysv' }
    }
    if (Object.keys(services).length === 0) {
      return {
        changed: false,
        skipped: true,
        msg: 'Failed to find any services. This can be due to privileges or some other configuration issue.',
      }
    }
    return { changed: false, ansible_facts: { services } }
  },
})

function rows(text: string | undefined): string[][] {
  return (text ?? '')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields.length > 1)
}

import { lines, sh } from '../shell/sh.ts'
import { defineState } from './module.ts'

export const hostname = defineState({
  summary: 'Sets the name of a host, now and for the next boot.',
  details: '`/etc/hosts` is left alone.',
  args: {
    name: { type: 'str', required: true, doc: 'The name.' },
    use: {
      type: 'str',
      choices: [
        'alpine',
        'debian',
        'freebsd',
        'generic',
        'macos',
        'macosx',
        'darwin',
        'openbsd',
        'openrc',
        'redhat',
        'sles',
        'solaris',
        'systemd',
      ],
      doc: 'How it is set: `systemd` asks hostnamectl; any other name writes `/etc/hostname`. Chosen by looking when not given.',
    },
  },
  examples: `
- name: Name the host as the inventory does
  become: true
  ansible.builtin.hostname:
    name: "{{ inventory_hostname }}"
`,
  returnDocs: { name: 'The name that the host has.', ansible_facts: 'The facts that follow from the name.' },
  check: ({ name }) =>
    name !== undefined && !/^[A-Za-z0-9_.-]{1,64}$/.test(name)
      ? ['a host name has 1 to 64 letters, digits, dots and hyphens']
      : [],
  look: () => sh`
read -r running </proc/sys/kernel/hostname; echo "$running"
static=; [ -r /etc/hostname ] && read -r static </etc/hostname; echo "$static"`,
  read({ stdout }) {
    const [running = '', permanent = ''] = stdout.split('\n')
    return { running, permanent }
  },
  want: ({ name }) => ({ running: name, permanent: name }),
  change({ name, use }) {
    return {
      script: lines(
        // hostnamectl refuses names that the kernel and /etc/hostname take, such as those with an underscore.
        use === undefined || use === 'systemd'
          ? sh`[ -d /run/systemd/system ] && command -v hostnamectl >/dev/null && hostnamectl set-hostname ${name} 2>/dev/null`
          : undefined,
        sh`
read -r static </etc/hostname 2>/dev/null || static=
if [ "$static" != ${name} ]; then
  # A mounted /etc/hostname, as in a container, cannot be replaced, only written.
  { printf '%s\n' ${name} >/etc/.hostname.mlops && mv -f /etc/.hostname.mlops /etc/hostname; } 2>/dev/null ||
    { rm -f /etc/.hostname.mlops; printf '%s\n' ${name} >/etc/hostname; } || exit
fi
read -r running </proc/sys/kernel/hostname
[ "$running" = ${name} ] || hostname ${name}`,
      ),
    }
  },
  returns({ name }) {
    const dot = name.indexOf('.')
    return {
      name,
      ansible_facts: {
        ansible_hostname: dot < 0 ? name : name.slice(0, dot),
        ansible_nodename: name,
        ansible_fqdn: name,
        ansible_domain: dot < 0 ? '' : name.slice(dot + 1),
      },
    }
  },
})

import { machineAuthorities } from '../../authorities.ts'
import { install, type Recipe, type Suite } from '../recipe.ts'

const PACKAGES =
  'systemd systemd-sysv dbus libpam-systemd openssh-server sudo cloud-init python3-minimal byobu locales ' +
  // systemd-modules-load fails without kmod, and the server would be `degraded`.
  'kmod iproute2 iputils-ping netcat-openbsd procps curl less ca-certificates'

/** A server as a cloud image has it: systemd, sshd, sudo, cloud-init. Nothing of what a playbook installs. */
export function serverRecipe(suite: Suite): Recipe {
  return {
    name: 'server',
    version: suite === 'trixie' ? 'debian-13' : 'debian-12',
    suite,
    dockerfile: `
RUN ${install(PACKAGES)} \\
 && rm -f /etc/ssh/ssh_host_* && : >/etc/machine-id && : >/etc/modules
COPY cloud.cfg /etc/cloud/cloud.cfg.d/90-mlops.cfg
COPY ca/ /usr/local/share/ca-certificates/
COPY server-init /usr/local/sbin/server-init
RUN update-ca-certificates >/dev/null 2>&1 && : >/etc/.never-booted
ENV container=docker
STOPSIGNAL SIGRTMIN+3
CMD ["/usr/local/sbin/server-init"]
`,
    files: [
      { path: 'cloud.cfg', content: CLOUD_CONFIG },
      { path: 'server-init', content: SERVER_INIT, mode: 0o755 },
      { path: 'ca/.keep', content: '' },
      ...machineAuthorities(),
    ],
  }
}

// cloud-init 22.4 fails in its config stage when it has to generate a locale.
const CLOUD_CONFIG = `datasource_list: [NoCloud, None]
network: {config: disabled}
locale: C.UTF-8
`

/** Where the registry's certificate authority is put before the first boot; server-init trusts it. */
export const AUTHORITY_FILE = 'usr/local/share/ca-certificates/mlops-registry.crt'

const SERVER_INIT = `#!/bin/sh
# First process of a server: gives the container what a machine has, then becomes systemd.

writable() { mount -o remount,bind,rw "$1" 2>/dev/null || true; }

# Docker mounts the control groups and the kernel's network settings read-only. All else below
# /sys and /proc/sys stays read-only: it belongs to the whole machine.
for tree in /sys/fs/cgroup /sys/fs/cgroup/*; do
  [ ! -d "$tree" ] || writable "$tree"
done
mount --bind /proc/sys/net /proc/sys/net && writable /proc/sys/net

# Docker binds these from outside. Nothing can be renamed over a mount point, and that is how
# programs edit /etc/hosts: make them plain files, once, and keep them afterwards.
for file in hosts hostname resolv.conf; do
  grep -q " /etc/$file " /proc/self/mounts || continue
  cp "/etc/$file" "/run/outer-$file"
  umount "/etc/$file"
  [ ! -e /etc/.never-booted ] || cat "/run/outer-$file" >"/etc/$file"
  rm -f "/run/outer-$file"
done

# Docker's own resolver (127.0.0.11) cannot be reached by containers inside the server.
if [ -e /etc/.never-booted ] && [ -n "$MLOPS_DNS" ]; then
  for address in $MLOPS_DNS; do echo "nameserver $address"; done >/etc/resolv.conf
fi
rm -f /etc/.never-booted

# In force at once; update-ca-certificates would cost seconds of each boot, and finds it later.
authority=/${AUTHORITY_FILE} bundle=/etc/ssl/certs/ca-certificates.crt
if [ -f "$authority" ] && ! grep -qxF "$(sed -n 2p "$authority")" "$bundle"; then
  cat "$authority" >>"$bundle"
fi

# A boot id of its own, so that a reboot can be told from outside.
cat /proc/sys/kernel/random/uuid >/run/boot_id
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id

mount --make-rshared /
exec env -u MLOPS_DNS /lib/systemd/systemd
`

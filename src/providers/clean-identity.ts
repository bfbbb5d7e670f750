import { sh } from '../shell/sh.ts'

/**
 * Takes from a server what makes it that one server: secrets, keys, names, logs, the state of its first boot. Run as root, the last thing
 * before an image is made of it: nobody can log in afterwards.
 */
export const cleanIdentity = sh`
set -u
export LC_ALL=C

# What runs in containers belongs to one server; their images stay.
if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
  docker swarm leave --force >/dev/null 2>&1
  docker ps -aq | xargs -r docker rm -f >/dev/null
  docker volume ls -q | xargs -r docker volume rm -f >/dev/null
  docker network prune -f >/dev/null
  systemctl stop docker.socket docker containerd 2>/dev/null || service docker stop
  rm -rf /var/lib/docker/engine-id /var/lib/docker/containers/* /var/lib/docker/tmp/* /etc/docker/key.json
fi >&2

for home in /root /home/*; do
  [ -d "$home" ] || continue
  rm -rf "$home/.ssh/authorized_keys" "$home/.ssh/known_hosts" "$home/.ssh/known_hosts.old" "$home"/.ssh/id_* \
    "$home/.docker/config.json" "$home/.ansible_async" "$home/.cache" "$home/.local/share/recently-used.xbel"
  rm -f "$home"/.*_history "$home/.viminfo" "$home/.lesshst" "$home/.wget-hsts" "$home/.sudo_as_admin_successful"
done
rm -f /etc/ssh/ssh_host_* /etc/sudoers.d/90-cloud-init-users
: >/etc/machine-id
[ -L /var/lib/dbus/machine-id ] || rm -f /var/lib/dbus/machine-id
rm -f /var/lib/systemd/random-seed /var/lib/systemd/credential.secret

# The network is found anew.
rm -f /var/lib/dhcp/* /etc/netplan/50-cloud-init.yaml /etc/network/interfaces.d/50-cloud-init /etc/udev/rules.d/70-persistent-net.rules
echo localhost >/etc/hostname
# cat: where it is a mount, it cannot be replaced
cat >/etc/hosts <<'END'
127.0.0.1 localhost
::1 localhost ip6-localhost ip6-loopback
ff02::1 ip6-allnodes
ff02::2 ip6-allrouters
END

if command -v apt-get >/dev/null; then
  apt-get clean
  rm -rf /var/lib/apt/lists/*
fi
command -v cloud-init >/dev/null && cloud-init clean --logs --seed >&2
# until the next boot, journald writes to memory
journalctl --relinquish-var >/dev/null 2>&1
rm -rf /var/lib/cloud/seed /var/log/journal/*
find /var/log -type f '(' -name '*.gz' -o -name '*.[0-9]' -o -name '*.old' ')' -exec rm -f {} +
find /var/log -type f -exec sh -c 'for f; do : >"$f"; done' sh {} +
find /tmp /var/tmp -mindepth 1 -xdev -delete 2>/dev/null
sync
exit 0`

#!/bin/bash
# First process of the cloud, in new network, mount, pid and uts namespaces: init.sh ROOT STATE.
# Whatever the services do to interfaces, firewall and mounts stays in here, and ends with this process.
set -eu
root=$1
state=$2
# /proc is still the machine's own: this is the pid that the outside sees.
read -r pid _ </proc/self/stat
net=$(readlink /proc/self/ns/net)

hostname mlops-test-os
ip link set lo up
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -p "$root/run/lock" "$root/run/netns" "$root/.before"
cp /etc/resolv.conf "$root/etc/resolv.conf"
exec 3>"$state/init.net" 4>"$state/init.pid"
pivot_root "$root" "$root/.before"
cd /
umount -l /.before
rmdir /.before
# Neutron makes network namespaces by mounts that all processes must see.
mount --make-rshared /
printf '127.0.0.1 localhost mlops-test-os\n' >/etc/hosts
sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
sysctl -q -w net.bridge.bridge-nf-call-iptables=1 || true
echo "$net" >&3
echo "$pid" >&4
exec 3>&- 4>&-

trap 'exit 0' TERM INT
while :; do
  sleep 86400 &
  wait $! || true
done

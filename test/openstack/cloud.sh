#!/bin/bash
# A real OpenStack on this machine for the tests: Keystone, Glance, Placement, Neutron and Nova from the packages of
# Debian 12, in a chroot with namespaces of its own. Servers made there boot Debian and take SSH on a floating IP.
#
#   cloud.sh up        raises it, and prints the variables of its RC file; some six minutes, later under one
#   cloud.sh status    which services run
#   cloud.sh down      stops it; with the next `up` its servers come back
#   cloud.sh reset     stops it and forgets servers, users and networks; packages and guest image stay
#   cloud.sh purge     stops it and removes all of it
#
# Root, Debian 12 on amd64. Everything lies below $MLOPS_TEST_OPENSTACK ($TMPDIR/mlops-test-openstack).
# OPENSTACK_EGRESS=1 lets the servers reach the outside. Without KVM they are emulated, and take a minute to boot.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
state=${MLOPS_TEST_OPENSTACK:-${TMPDIR:-/tmp}/mlops-test-openstack}
root=$state/root
guest=$state/guest
# One wire leads from the machine into the cloud; floating addresses are behind it.
wire=mlops-test-os
outside=10.253.0.1
api=10.253.0.2
floating=10.253.4.0/24

say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }
fail() { say "error: $*"; exit 1; }

# The pid of the cloud's init as this machine sees it. A pid that now belongs to somebody else has another network.
init_pid() {
  local pid
  pid=$(cat "$state/init.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && [ "$(readlink "/proc/$pid/ns/net" 2>/dev/null)" = "$(cat "$state/init.net" 2>/dev/null)" ] || return 1
  echo "$pid"
}

inside() {
  local pid
  pid=$(init_pid) || fail 'the cloud does not run'
  nsenter --target "$pid" --net --mount --pid --uts -- "$@"
}

need_tools() {
  local pair missing=()
  for pair in mmdebstrap:mmdebstrap mkfs.ext4:e2fsprogs qemu-img:qemu-utils ip:iproute2 "$@"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
    fail "apt-get could not install ${missing[*]}"
}

# bootstrap FOLDER PACKAGES [HOOK]: a Debian 12 from this machine's own sources, without pages that nobody reads.
bootstrap() {
  local sources=/etc/apt/sources.list.d/debian.sources
  [ -e "$sources" ] || sources=/etc/apt/sources.list
  mmdebstrap --quiet --mode=root --variant=apt \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include="$2" ${3:+--essential-hook="$3"} bookworm "$1" "$sources" >"$1.log" 2>&1 ||
    { tail -n 20 "$1.log" >&2; fail "mmdebstrap could not make $1"; }
  rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/*
}

install_services() {
  [ ! -e "$state/root.done" ] || return 0
  rm -rf --one-file-system "$root"
  say 'packages of the services'
  # nova-compute-kvm brings the emulator of amd64 alone; nova-compute-qemu would bring those of all machines.
  bootstrap "$root" keystone,glance-api,placement-api,neutron-server,neutron-linuxbridge-agent,neutron-l3-agent,neutron-dhcp-agent,neutron-metadata-agent,nova-api,nova-conductor,nova-scheduler,nova-compute-kvm,rabbitmq-server,mariadb-server,iproute2,iptables,procps,genisoimage
  touch "$state/root.done"
}

start_init() {
  say 'the namespaces'
  ip link del "$wire" 2>/dev/null || true
  rm -f "$state"/init.*
  setsid unshare --net --mount --pid --uts --fork --kill-child --propagation private \
    bash "$here/cloud/init.sh" "$root" "$state" >"$state/init.log" 2>&1 </dev/null 9>&- &
  local pid i
  for ((i = 0; i < 100; i++)); do
    init_pid >/dev/null && break
    sleep 0.1
  done
  pid=$(init_pid) || { cat "$state/init.log" >&2; fail 'the namespaces could not be made'; }
  ip link add "$wire" type veth peer name wire netns "$pid"
  ip addr add "$outside/30" dev "$wire"
  ip link set "$wire" up
  inside ip addr add "$api/30" dev wire
  inside ip link set wire up
  ip route replace "$floating" via "$api" dev "$wire"
}

start_egress() {
  ! inside ip link show tap0 >/dev/null 2>&1 || return 0
  need_tools slirp4netns:slirp4netns
  setsid slirp4netns --configure --mtu=1400 --disable-host-loopback "$(init_pid)" tap0 >"$state/egress.log" 2>&1 </dev/null 9>&- &
  echo $! >"$state/egress.pid"
  local i
  for ((i = 0; i < 100; i++)); do
    ! inside ip route show default | grep -q tap0 || return 0
    sleep 0.1
  done
  fail "no way to the outside; read $state/egress.log"
}

# rc_file USER PASSWORD
rc_file() {
  cat <<RC
export OS_AUTH_URL=http://$api:5000/v3
export OS_IDENTITY_API_VERSION=3
export OS_USERNAME=$1
export OS_PASSWORD=$2
export OS_PROJECT_NAME=$1
export OS_USER_DOMAIN_NAME=Default
export OS_PROJECT_DOMAIN_NAME=Default
export OS_REGION_NAME=RegionOne
RC
}

services() {
  inside bash /opt/cloud/services.sh "$1" 9>&- || fail "the services did not come up; read $root/var/log/cloud"
}

objects() {
  # shellcheck source=/dev/null
  (. "$state/admin-openrc" && node "$here/cloud/objects.mjs" "$@") >&2 || fail "no $1"
}

up() {
  local began=$SECONDS image
  [ "$(id -u)" = 0 ] || fail 'must be root'
  [ "$(dpkg --print-architecture)" = amd64 ] || fail 'only for amd64'
  mkdir -p "$state"
  exec 9>"$state/lock"
  flock 9
  need_tools
  # shellcheck source=cloud/guest-image.sh
  (. "$here/cloud/guest-image.sh") >&2 9>&- &
  image=$!
  install_services
  wait "$image" || fail 'no guest image'

  mkdir -p "$root/opt/cloud"
  cp -r "$here/cloud/etc" "$here/cloud/services.sh" "$root/opt/cloud/"
  init_pid >/dev/null || start_init
  [ "${OPENSTACK_EGRESS:-0}" != 1 ] || start_egress
  printf 'api=%s\nfloating=%s\n' "$api" "$floating" >"$root/opt/cloud/settings"
  rc_file admin admin-secret >"$state/admin-openrc"
  rc_file demo demo-secret >"$state/openrc"
  services identity
  objects catalogue
  services start
  objects project "$guest" "$floating"
  services ready
  say "up in $((SECONDS - began)) s"
  cat "$state/openrc"
}

down() {
  local pid i
  if pid=$(init_pid); then
    inside bash /opt/cloud/services.sh stop || true
    kill "$pid" 2>/dev/null || true
    for ((i = 0; i < 50; i++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    # The first process of a pid namespace takes all others with it.
    kill -9 "$pid" 2>/dev/null || true
  fi
  if pid=$(cat "$state/egress.pid" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = slirp4netns ]; then
    kill "$pid" || true
  fi
  ip link del "$wire" 2>/dev/null || true
  rm -f "$state"/init.* "$state/egress.pid"
  say down
}

forget() {
  local place
  for place in mysql glance/images nova/instances rabbitmq/mnesia neutron libvirt/qemu; do
    rm -rf "${root:?}/var/lib/$place"
  done
  rm -rf "$root"/etc/libvirt/qemu/*.xml "$root/var/log/cloud"
}

case ${1:-} in
  up) up ;;
  status) inside bash /opt/cloud/services.sh status ;;
  down) down ;;
  reset) down; forget ;;
  purge) down; rm -rf --one-file-system "$state" ;;
  *) sed -n 's/^#   //p' "$0"; exit 1 ;;
esac

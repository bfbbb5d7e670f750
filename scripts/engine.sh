#!/bin/sh
# Makes a Docker Engine answer on this machine, and the tools that the local servers are built with.
#
#   scripts/engine.sh up      installs what is missing, starts the engine when none answers
#   scripts/engine.sh down    ends the engine, but only one that `up` started by hand
#   scripts/engine.sh check   says what `up` would have to do; exit status 1 when there is something
#
# What `up` started is remembered below $MLOPS_ENGINE_STATE (/var/lib/mlops).
set -eu

state=${MLOPS_ENGINE_STATE:-/var/lib/mlops}
pidfile=$state/dockerd.pid
log=$state/dockerd.log

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\nhint: %s\n' "$1" "$2" >&2; exit 1; }
root() { [ "$(id -u)" -eq 0 ]; }
has() { command -v "$1" >/dev/null 2>&1; }
answers() { docker version --format '{{.Server.Version}}' 2>/dev/null; }
now() { date +%s; }
ours() { [ -s "$pidfile" ] && [ "$(cat "/proc/$(cat "$pidfile")/comm" 2>/dev/null)" = dockerd ]; }

# The packages behind the commands that are missing, or nothing. mmdebstrap serves only where no image registry can be reached.
missing() {
  has docker || say docker.io
  has dockerd || answers >/dev/null || say docker.io
  has iptables || answers >/dev/null || say iptables
  has mmdebstrap || say mmdebstrap
  has ssh || say openssh-client
  has openssl || say openssl
  [ -e /etc/ssl/certs/ca-certificates.crt ] || say ca-certificates
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || say debian-archive-keyring
}

install_packages() {
  packages=$(missing | sort -u | tr '\n' ' ')
  [ -n "$packages" ] || return 0
  has apt-get || fail "these are missing: $packages" 'install them with the package manager of this system, then run this again'
  root || fail "these packages are missing: $packages" "sudo apt-get install $packages"
  start=$(now)
  say "installing $packages"
  apt-get update -qq
  # Debian 13 has the client in a package of its own; Debian 12 and Ubuntu have it in docker.io.
  case $packages in *docker.io*) ! apt-cache show docker-cli >/dev/null 2>&1 || packages="$packages docker-cli" ;; esac
  mkdir -p "$state"
  # shellcheck disable=SC2086 # one word for each package
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages </dev/null >"$state/apt.log" 2>&1 ||
    { tail -n 20 "$state/apt.log" >&2; fail "apt-get could not install $packages" "read $state/apt.log"; }
  say "installed in $(($(now) - start)) s"
}

start_engine() {
  if version=$(answers); then
    say "Docker Engine $version answers"
    return 0
  fi
  reason=$(docker version 2>&1 >/dev/null || true)
  case $reason in
    *'permission denied'*) fail 'the Docker Engine runs, but you may not use it' "sudo usermod -aG docker $(id -un), then log in again" ;;
  esac
  [ -z "${DOCKER_HOST:-}" ] || fail "no Docker Engine answers at DOCKER_HOST ($DOCKER_HOST)" 'unset DOCKER_HOST, or start that engine'
  root || fail 'no Docker Engine answers' 'start it: sudo systemctl start docker'
  start=$(now)
  if [ -d /run/systemd/system ]; then
    systemctl start docker || fail 'systemd could not start Docker' 'journalctl -u docker'
  else
    start_by_hand
  fi
  wait_for_engine
  say "Docker Engine $(answers) started in $(($(now) - start)) s"
}

# No service manager here (a container, a small VM): the daemon runs in a session of its own.
start_by_hand() {
  for tree in /sys/fs/cgroup /sys/fs/cgroup/*; do
    [ ! -d "$tree" ] || mount -o remount,bind,rw "$tree" 2>/dev/null || true
  done
  mkdir -p "$state"
  # A pid file of an earlier boot would stop the daemon.
  rm -f "$pidfile"
  setsid dockerd --pidfile "$pidfile" >"$log" 2>&1 </dev/null &
  daemon=$!
}

wait_for_engine() {
  tries=0
  until answers >/dev/null; do
    tries=$((tries + 1))
    [ -z "${daemon:-}" ] || kill -0 "$daemon" 2>/dev/null || give_up 'the Docker Engine ended at once'
    [ "$tries" -lt 300 ] || give_up 'the Docker Engine did not answer within a minute'
    sleep 0.2
  done
}

give_up() {
  [ ! -f "$log" ] || tail -n 15 "$log" >&2
  fail "$1" "read $log"
}

# Each server's systemd takes about seven inotify instances; with the kernel's 128 the 18th does not boot.
raise_inotify() {
  limit=/proc/sys/fs/inotify/max_user_instances
  [ -w "$limit" ] || return 0
  [ "$(cat "$limit")" -ge 1024 ] || { echo 8192 >"$limit" && say 'raised fs.inotify.max_user_instances to 8192'; }
}

up() {
  install_packages
  start_engine
  raise_inotify
}

down() {
  ours || { say 'no engine of ours runs'; return 0; }
  pid=$(cat "$pidfile")
  kill "$pid"
  tries=0
  while [ -d "/proc/$pid" ] && [ "$tries" -lt 150 ]; do
    tries=$((tries + 1))
    sleep 0.2
  done
  [ ! -d "/proc/$pid" ] || fail "the engine (pid $pid) does not end" "read $log"
  rm -f "$pidfile"
  say 'the engine that we started is ended'
}

check() {
  packages=$(missing | sort -u | tr '\n' ' ')
  [ -z "$packages" ] || say "would install: $packages"
  answers >/dev/null || say 'would start the Docker Engine'
  [ -z "$packages" ] && answers >/dev/null
}

case ${1:-} in
  up) up ;;
  down) down ;;
  check) check ;;
  *) sed -n 's/^#   //p' "$0"; exit 2 ;;
esac

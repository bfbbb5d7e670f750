#!/bin/bash
# The services of the cloud, run inside its namespaces: services.sh identity|start|ready|status|stop. Starts only what is not up.
#
# The order matters more than anything: who asks before the other listens waits for a time-out of 10 to 60 s. So:
# database and queue, Keystone, its catalogue, the APIs and the conductor, and only then agents and compute.
set -euo pipefail
# shellcheck source=/dev/null
. /opt/cloud/settings
: "${api:?}" "${floating:?}"
logs=/var/log/cloud
pids=/run/cloud
etc=/etc/cloud
mkdir -p $logs $pids $etc
export PYTHONWARNINGS=ignore LC_ALL=C.UTF-8 HOME=/root
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
database=mysql+pymysql://cloud:database-secret@127.0.0.1
queue=rabbit://guest:guest@127.0.0.1:5672/

say() { printf '%s   %s\n' "$(date +%T)" "$*" >&2; }

alive() {
  local pid
  pid=$(cat "$pids/$1" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
}

# daemon NAME COMMAND …
daemon() {
  local name=$1
  shift
  ! alive "$name" || return 0
  setsid "$@" >"$logs/$name.log" 2>&1 </dev/null &
  echo $! >"$pids/$name"
}

# await NAME COMMAND …: until the command succeeds, as long as the service lives; two minutes at most.
await() {
  local name=$1 i
  shift
  for ((i = 0; i < 600; i++)); do
    ! "$@" >/dev/null 2>&1 || return 0
    alive "$name" || break
    sleep 0.2
  done
  say "$name did not come up:"
  tail -n 5 "$logs/$name.log" >&2
  return 1
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
wrote() { grep -q "$2" "$logs/$1.log"; }

# A /dev/kvm without the processor's own virtualisation (kvm_pvm) starts servers that never boot.
# An emulated processor is an old one: a new one would seem to have virtualisation itself.
machine() {
  if grep -qE '^flags.* (vmx|svm) ' /proc/cpuinfo && : 2>/dev/null <>/dev/kvm; then
    printf 'virt_type = kvm\ncpu_mode = none\n'
  else
    printf 'virt_type = qemu\ncpu_mode = custom\ncpu_models = Nehalem\n'
  fi
}

configure() {
  local file
  machine >$etc/machine.part
  sed "s|@api@|$api|" /opt/cloud/etc/service-user.part >$etc/service-user.part
  for file in /opt/cloud/etc/*.conf; do
    sed -e "s|@api@|$api|; s|@database@|$database|; s|@queue@|$queue|" \
      -e "/^@service-user@$/{r $etc/service-user.part" -e 'd}' \
      -e "/^@machine@$/{r $etc/machine.part" -e 'd}' "$file" >"$etc/${file##*/}"
  done
  # Placement looks for this name in a folder.
  mkdir -p $etc/placement
  mv $etc/placement.conf $etc/placement/
  cp $etc/qemu.conf /etc/libvirt/qemu.conf
  cp $etc/rabbitmq.conf $etc/rabbitmq-env.conf /etc/rabbitmq/
  cp /opt/cloud/etc/mariadb.cnf /etc/mysql/mariadb.conf.d/99-cloud.cnf
}

start_stores() {
  mkdir -p /run/mysqld /run/lock/{nova,neutron,glance} /var/lib/glance/{images,staging,tasks} /var/lib/nova/instances \
    /var/lib/neutron /var/lib/libvirt/qemu /var/lib/mysql
  chown mysql:mysql /run/mysqld /var/lib/mysql
  [ -d /var/lib/mysql/mysql ] || mariadb-install-db --user=mysql >/dev/null
  daemon mariadb setpriv --reuid=mysql --regid=mysql --init-groups mariadbd
  chown -R rabbitmq:rabbitmq /var/lib/rabbitmq /var/log/rabbitmq
  daemon rabbitmq rabbitmq-server
  await mariadb listens 3306
  {
    local name
    for name in keystone glance placement nova nova_api nova_cell0 neutron; do
      echo "CREATE DATABASE IF NOT EXISTS $name CHARACTER SET utf8mb3;"
    done
    echo "CREATE USER IF NOT EXISTS 'cloud'@'%' IDENTIFIED BY 'database-secret'; GRANT ALL ON *.* TO 'cloud'@'%';"
  } | mariadb --user=root --socket=/run/mysqld/mysqld.sock
}

make_tables() {
  [ ! -e /var/lib/mysql/tables-done ] || return 0
  say 'tables of the databases'
  {
    nova-manage --config-file $etc/nova.conf api_db sync &
    local nova=$!
    keystone-manage --config-file $etc/keystone.conf db_sync
    mkdir -p /etc/keystone/{fernet,credential}-keys
    keystone-manage --config-file $etc/keystone.conf fernet_setup --keystone-user root --keystone-group root
    keystone-manage --config-file $etc/keystone.conf credential_setup --keystone-user root --keystone-group root
    keystone-manage --config-file $etc/keystone.conf bootstrap --bootstrap-username admin --bootstrap-password admin-secret \
      --bootstrap-project-name admin --bootstrap-region-id RegionOne --bootstrap-public-url "http://$api:5000/v3" \
      --bootstrap-internal-url "http://$api:5000/v3" --bootstrap-admin-url "http://$api:5000/v3"
    glance-manage --config-file $etc/glance.conf db_sync
    placement-manage --config-file $etc/placement/placement.conf db sync
    neutron-db-manage --config-file $etc/neutron.conf upgrade heads
    wait "$nova"
    nova-manage --config-file $etc/nova.conf cell_v2 map_cell0 --database_connection "$database/nova_cell0"
    nova-manage --config-file $etc/nova.conf db sync
    nova-manage --config-file $etc/nova.conf cell_v2 create_cell --name cell1 --database_connection "$database/nova" --transport-url "$queue"
  } >$logs/tables.log 2>&1 || { tail -n 5 $logs/tables.log >&2; return 1; }
  touch /var/lib/mysql/tables-done
}

# The outer network is a bridge of ours; the machine has a route to it.
make_bridge() {
  ip link show br-public >/dev/null 2>&1 || ip link add br-public type bridge
  ip addr replace "${floating%.0/24}.1/24" dev br-public
  ip link set br-public up
  ! ip link show tap0 >/dev/null 2>&1 || iptables -t nat -C POSTROUTING -s "$floating" -o tap0 -j MASQUERADE 2>/dev/null ||
    iptables -t nat -A POSTROUTING -s "$floating" -o tap0 -j MASQUERADE
}


# uwsgi NAME OPTIONS …
uwsgi_daemon() {
  local name=$1
  shift
  daemon "$name" uwsgi --plugins python3 --master --die-on-term --need-app --lazy-apps --enable-threads \
    --buffer-size 65535 --rem-header Content-Length "$@"
}

start_identity() {
  await rabbitmq listens 5672
  OS_KEYSTONE_CONFIG_FILES=$etc/keystone.conf uwsgi_daemon keystone --http-socket 0.0.0.0:5000 --threads 8 --wsgi-file /usr/bin/keystone-wsgi-public
  await keystone listens 5000
}

start_others() {
  OS_PLACEMENT_CONFIG_DIR=$etc/placement uwsgi_daemon placement --http-socket 0.0.0.0:8778 --threads 4 --wsgi-file /usr/bin/placement-api
  daemon glance glance-api --config-file $etc/glance.conf
  daemon neutron neutron-server --config-file $etc/neutron.conf
  daemon nova-conductor nova-conductor --config-file $etc/nova.conf
  daemon nova-api nova-api --config-file $etc/nova.conf
  daemon nova-scheduler nova-scheduler --config-file $etc/nova.conf
  # libvirt's own network would bring a bridge and rules.
  rm -f /etc/libvirt/qemu/networks/autostart/*
  daemon libvirtd libvirtd -f $etc/libvirtd.conf
  await neutron listens 9696
  await neutron pgrep -f 'neutron-server: rpc worker'
  daemon neutron-linuxbridge-agent neutron-linuxbridge-agent --config-file $etc/neutron.conf
  local agent
  for agent in l3 dhcp metadata; do
    daemon "neutron-$agent-agent" "neutron-$agent-agent" --config-file $etc/neutron.conf --config-file $etc/neutron-agents.conf
  done
  await libvirtd test -S /run/libvirt/libvirt-sock
  await nova-conductor wrote nova-conductor 'Starting conductor node'
  await placement listens 8778
  daemon nova-compute nova-compute --config-file $etc/nova.conf
  await nova-api listens 8774
  await glance listens 9292
}

# The router has both its addresses and the server of DHCP has one: the next server finds its way at once.
wired() {
  local router dhcp
  router=$(ip netns | awk '/^qrouter-/ { print $1; exit }')
  dhcp=$(ip netns | awk '/^qdhcp-/ { print $1; exit }')
  [ -n "$router" ] && [ -n "$dhcp" ] &&
    ip netns exec "$router" ip -brief -4 addr | grep -q '^qr-.* [0-9]' &&
    ip netns exec "$router" ip -brief -4 addr | grep -q '^qg-.* [0-9]' &&
    ip netns exec "$router" ip route | grep -q default &&
    ip netns exec "$dhcp" ip -brief -4 addr | grep -q '^ns-.* [0-9]'
}

# Without its line in the map of cells, the first server on a new compute host ends in ERROR.
map_host() {
  [ ! -e /var/lib/mysql/host-mapped ] || return 0
  nova-manage --config-file $etc/nova.conf cell_v2 discover_hosts >>$logs/tables.log 2>&1
  touch /var/lib/mysql/host-mapped
}

# Servers first, then the database in good order; init's end takes the rest.
stop() {
  local name file i
  for name in nova-compute libvirtd; do
    ! alive $name || kill "$(cat $pids/$name)" || true
  done
  for file in /run/libvirt/qemu/*.pid; do
    [ ! -e "$file" ] || kill "$(cat "$file")" 2>/dev/null || true
  done
  ! alive mariadb || kill "$(cat $pids/mariadb)"
  for ((i = 0; i < 100; i++)); do
    alive mariadb || break
    sleep 0.1
  done
}

status() {
  local file name
  for file in "$pids"/*; do
    name=${file##*/}
    if alive "$name"; then printf '%-26s up\n' "$name"; else printf '%-26s down\n' "$name"; fi
  done
  cat $etc/machine.part
}

case ${1:-} in
  identity) configure; start_stores; make_tables; make_bridge; start_identity ;;
  start) start_others ;;
  ready) map_host; await neutron-l3-agent wired ;;
  status) status ;;
  stop) stop ;;
  *) sed -n '2s/^# //p' "$0"; exit 1 ;;
esac

# The fifty tasks of playbooks/converged.yml as one script, for root.
#   HOST NAMES…     the name of this host, and those of all
host=$1
shift
home=/opt/orders changed=0 done=0

did() { changed=$((changed + 1)); }

group() { # NAME GID
  done=$((done + 1))
  case $(getent group "$1") in
    "$1:"*":$2:"*) ;;
    '') groupadd -g "$2" "$1" && did ;;
    *) groupmod -g "$2" "$1" && did ;;
  esac
}

user() { # NAME UID SHELL HOME GROUP [OPTION…]; GROUPS in more
  done=$((done + 1))
  entry=$(getent passwd "$1")
  if [ -z "$entry" ]; then
    name=$1 uid=$2 shell=$3 home_of=$4 group=$5
    shift 5
    # shellcheck disable=SC2086 # a flag, or nothing
    useradd -u "$uid" -s "$shell" -d "$home_of" ${group:+-g "$group"} ${more:+-G "$more"} "$@" "$name" && did
    return
  fi
  case $entry in "$1:"*":$2:"*":$3") ;; *) usermod -u "$2" -s "$3" "$1" && did ;; esac
  members=" $(id -Gn "$1") "
  for each in $(echo "$more" | tr , ' '); do
    case $members in *" $each "*) ;; *) usermod -aG "$each" "$1" && did ;; esac
  done
}

may() { # PATH OWNER:GROUP MODE; sets `mended`
  seen=$(stat -c '%U:%G %a' "$1")
  [ -z "$2" ] || [ "${seen% *}" = "$2" ] || { chown "$2" "$1" && mended=1; }
  [ "${seen#* }" = "$3" ] || { chmod "$3" "$1" && mended=1; }
}

folder() { # PATH OWNER:GROUP MODE
  done=$((done + 1)) mended=0
  [ -d "$1" ] || { mkdir -p "$1" && mended=1; }
  may "$@"
  [ "$mended" = 0 ] || did
}

content() { # PATH OWNER:GROUP MODE, and the text on standard input
  done=$((done + 1)) mended=0
  text=$(cat; echo .) text=${text%.}
  if [ ! -f "$1" ] || ! printf %s "$text" | cmp -s - "$1"; then
    printf %s "$text" >"$1.new" && mv "$1.new" "$1" && mended=1
  fi
  may "$@"
  [ "$mended" = 0 ] || did
}

line() { # FILE LINE [REGEXP]
  done=$((done + 1))
  grep -qxF -e "$2" "$1" 2>/dev/null && return
  if [ -n "${3:-}" ] && grep -q -e "$3" "$1"; then sed -i "s|$3.*|$2|" "$1"; else printf '%s\n' "$2" >>"$1"; fi
  did
}

group orders 3001
group build 3002
group journal 3003
more=
user orders 3001 /usr/sbin/nologin /opt/orders orders -M
more=journal
user build 3002 /bin/bash /home/build build -m
more=journal,build
user benchadmin 3004 /bin/bash /home/benchadmin '' -m
content /etc/build.pub '' 644 <<X
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKbuildbuildbuildbuildbuildbuildbuildbuildb1 build@bench
X
content /etc/admin.pub '' 644 <<X
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKadminadminadminadminadminadminadminadmin1 admin@bench
X
folder $home orders:orders 755
folder $home/bin '' 755
folder $home/etc root:orders 750
folder $home/etc/conf.d root:orders 750
folder /var/log/orders orders:journal 770
folder /var/lib/orders orders:orders 700
folder $home/releases/2.1 build:build 755
done=$((done + 1))
[ "$(readlink $home/current)" = $home/releases/2.1 ] || { ln -sfn $home/releases/2.1 $home/current && did; }
echo 'Managed: orders' | content /etc/motd '' 644
echo 2.1 | content $home/VERSION orders:orders 644
printf 'APP=orders\nPORT=8443\n' | content $home/etc/env '' 640
echo 'build ALL=(root) NOPASSWD: /usr/bin/true' | content /etc/sudoers.d/build '' 440
content $home/bin/start.sh '' 755 <<'X'
#!/bin/sh
exec /opt/orders/current/bin/orders --port "$PORT"
X
content $home/etc/rotate.conf '' 644 <<X
# release 2.1
/var/log/orders/*.log {
  weekly
  rotate 8
}
X
printf '{"app": "orders", "modules": ["cart", "search", "billing"]}' | content $home/etc/app.json '' 644
content $home/etc/app.conf root:orders 640 <<X
app = orders
port = 8443
threads = 6
modules = cart,search,billing
X
content $home/etc/conf.d/modules.conf '' 640 <<X
module 1 cart
module 2 search
module 3 billing
X
content $home/etc/limits.conf '' 644 <<X
orders hard nofile 32768
orders hard nproc 2048
X
content $home/etc/orders.service '' 644 <<X
[Unit]
Description=orders

[Service]
User=orders
EnvironmentFile=/opt/orders/etc/env
ExecStart=/opt/orders/bin/start.sh

[Install]
WantedBy=multi-user.target
X
content $home/etc/conf.d/proxy.conf '' 640 <<X
listen 8443
upstream 127.0.0.1:8444
X
printf '%s\n' "$@" | content $home/etc/peers '' 644
line /etc/bash.bashrc 'export ORDERS_HOME=/opt/orders'
line /etc/profile 'umask 027'
line /etc/login.defs 'UMASK 027' '^UMASK'
line /etc/login.defs 'PASS_MAX_DAYS 365' '^PASS_MAX_DAYS'
line $home/etc/rotate.conf '# release 2.1' '^# release'
line /etc/environment ORDERS_ENV=production
home_seen=$(stat -c '%F %s %a' $home)
conf_seen=$(stat -c '%F %s %a' $home/etc/app.conf)
maintenance=$(stat -c %F $home/maintenance 2>/dev/null)
kernel=$(uname -r)
uid=$(id -u orders)
[ -e $home/.installed ] || { touch $home/.installed && did; }
# shellcheck disable=SC2012 # as the playbook counts
count=$(ls $home/etc | wc -l)
disk=$(df -P / | tail -1 | awk '{print $5}')
done=$((done + 8))
[ "$uid" = 3001 ] && [ "$count" -gt 3 ] && [ -n "$home_seen" ] || exit 1
echo "$host tasks=$done changed=$changed failed=0 kernel=$kernel conf=$conf_seen maintenance=$maintenance disk=$disk"

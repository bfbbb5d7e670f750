#!/bin/sh
# Puts a whole root file system into the folder $1, out of the BusyBox built beside this script and what is installed here.
set -e
host=$1
mkdir -p "$host/usr/bin" "$host/usr/sbin" "$host/usr/lib" "$host/usr/lib64" "$host/etc/dropbear" "$host/etc/skel" "$host/root" "$host/home" \
  "$host/run" "$host/proc" "$host/sys" "$host/dev" "$host/srv" "$host/opt" "$host/var/tmp" "$host/var/spool/cron/crontabs"
mkdir -m 1777 "$host/tmp"
for name in bin sbin lib lib64; do ln -s "usr/$name" "$host/$name"; done
ln -s ../run "$host/var/run"

install -m 755 busybox/busybox "$host/usr/bin/busybox"
for applet in $(busybox/busybox --list | grep -vx busybox); do ln -s busybox "$host/usr/bin/$applet"; done
# One that may become another user, as Alpine has it
install -m 4755 busybox/busybox "$host/usr/bin/bbsuid"
ln -sf bbsuid "$host/usr/bin/su"

dpkg -L openrc dropbear-bin | grep -v -E '^/usr/share/|^/\.$|^$' | while read -r file; do
  if [ -d "$file" ] && ! [ -L "$file" ]; then mkdir -p "$host$file"; else cp -a "$file" "$host$file"; fi
done
ln -s ../lib/rc/sbin/start-stop-daemon "$host/usr/sbin/start-stop-daemon"
for program in /usr/sbin/dropbear /usr/sbin/openrc /usr/lib/rc/bin/einfo /usr/lib/rc/sbin/start-stop-daemon; do ldd "$program"; done |
  sed -n 's/.* => \(\/[^ ]*\) .*/\1/p; s/^\t\(\/[^ ]*\) .*/\1/p' | sort -u |
  while read -r file; do
    mkdir -p "$host${file%/*}"
    cp -L "$file" "$host$file"
  done

install -m 755 stand-in-apk "$host/usr/sbin/apk"
mkdir -p "$host/etc/apk"
echo busybox >"$host/etc/apk/world"
install -m 755 shop-openrc "$host/etc/init.d/shop"

cd "$host/etc"
printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534:nobody:/:/bin/false' >passwd
printf '%s\n' 'root:*:19000:0:::::' 'nobody:!:19000:0:::::' >shadow
chmod 640 shadow
printf '%s\n' 'root:x:0:' 'wheel:x:10:' 'users:x:100:' 'nogroup:x:65534:' >group
printf '%s\n' /bin/sh /bin/ash >shells
printf '%s\n' 'ID=alpine' 'NAME="Alpine Linux"' 'VERSION_ID=3.20.3' 'PRETTY_NAME="A BusyBox host that calls itself Alpine"' >os-release
echo 3.20.3 >alpine-release
echo 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' >profile
# Debian's OpenRC asks for those of insserv
touch fstab insserv.conf
mkdir insserv.conf.d
# The one word that keeps OpenRC from the control groups, which a container may not write
echo 'rc_sys="systemd-nspawn"' >>rc.conf

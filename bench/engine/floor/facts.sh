# What facts are made of, read in one go.
uname -a
cat /etc/os-release /proc/cpuinfo /proc/meminfo /proc/mounts /proc/uptime /proc/loadavg /proc/cmdline
cat /etc/resolv.conf /etc/ssh/ssh_host_*_key.pub /sys/class/dmi/id/* 2>/dev/null
hostname
id
env
date '+%s %z %Z'
df -Pk
df -Pi
ls -l /sys/class/net /sys/block
cat /proc/net/route /proc/net/if_inet6 /proc/net/fib_trie 2>/dev/null
getent passwd "$(id -un)"
command -v apt dnf apk systemctl python3

import { lines, type Script, sh } from '../../shell/sh.ts'

/** What every apt-get of ours runs with: it asks nothing, and speaks the language that is parsed. */
export const aptEnvironment = sh`export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical LC_ALL=C LANG=C`

/**
 * Waits until cloud-init is through and nobody holds the locks of dpkg and apt, and says on the output for whom it waits.
 * When `lockTimeout` seconds are over, ends the script with status 75 and a text that names the holder.
 */
export function waitForPackages(lockTimeout: number): Script {
  return lines(
    sh`
# The holder's pid stands in /proc/locks beside the inode of the lock file; fuser and lsof are not everywhere.
lock_holder() {
  holder=
  for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
    [ -e "$lock" ] || continue
    inode=$(stat -c %i "$lock") || continue
    while read -r id kind mode access pid place rest; do
      case $place in *:"$inode") ;; *) continue ;; esac
      [ "$kind" = POSIX ] && [ -r "/proc/$pid/comm" ] || continue
      ls -l "/proc/$pid/fd" 2>/dev/null | grep -q -F " $lock" || continue
      read -r name <"/proc/$pid/comm"
      command=$(tr '\0\n' '  ' <"/proc/$pid/cmdline" 2>/dev/null)
      holder="$name (process $pid: \${command% }), which holds $lock"
      return 0
    done </proc/locks
  done
  return 1
}
waited=0
if [ -d /run/cloud-init ] && [ ! -e /run/cloud-init/disabled ] && [ -e /run/cloud-init/enabled ]; then
  while [ ! -e /run/cloud-init/result.json ] && [ "$waited" -lt 600 ]; do
    [ $((waited % 10)) -ne 0 ] || echo "waiting for cloud-init to finish ($waited s)"
    sleep 1; waited=$((waited + 1))
  done
fi
waited=0
while lock_holder; do
  if [ "$waited" -ge ${lockTimeout} ]; then
    printf 'the package system is still locked after %s s by %s\n' "$waited" "$holder" >&2
    exit 75
  fi
  [ $((waited % 10)) -ne 0 ] || printf 'waiting for %s (%s s)\n' "$holder" "$waited"
  sleep 1; waited=$((waited + 1))
done`,
  )
}

/**
 * Fetches the package lists, several times if need be. The function `lists_digest` prints what changes when a list did;
 * `lists_before` holds what it printed before.
 */
export function updateLists({
  retries,
  maxDelay,
  lockTimeout,
}: {
  retries: number
  maxDelay: number
  lockTimeout: number
}): Script {
  return sh`
lists_digest() {
  cat /var/lib/apt/lists/*Release 2>/dev/null | cksum
}
lists_before=$(lists_digest)
attempt=0
delay=1
until apt-get -q -o APT::Update::Error-Mode=any -o DPkg::Lock::Timeout=${lockTimeout} update; do
  attempt=$((attempt + 1))
  [ "$attempt" -lt ${Math.max(1, retries)} ] || { echo 'Failed to update apt cache' >&2; exit 100; }
  sleep "$delay"
  delay=$((delay * 2)); [ "$delay" -le ${maxDelay} ] || delay=${maxDelay}
done
# apt leaves the folder's time alone when nothing was new; cache_valid_time counts from here.
touch /var/lib/apt/lists`
}

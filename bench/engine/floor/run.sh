#!/bin/sh
# The floor: one script of POSIX sh for each host, all at once, through one plain ssh connection each.
#   run.sh WORKLOAD FLEET     FLEET.ssh configures ssh, FLEET.names lists the hosts
# shellcheck disable=SC2016 # what stands in quotes is read by the shells of `each`
set -eu
floor=$(dirname "$0")
export floor FLEET="$2" STATE="${3:-}"
each() { xargs -P 200 -I{} sh -c "$1" sh {} <"$FLEET.names"; }
case $1 in
  converged | first) each 'ssh -F "$FLEET.ssh" "$1" sudo sh -s -- "$1" $(cat "$FLEET.names") <"$floor/orders.sh"' ;;
  facts) each 'ssh -F "$FLEET.ssh" "$1" sh <"$floor/facts.sh"' ;;
  ping) each 'ssh -n -F "$FLEET.ssh" "$1" true' ;;
  tree) each 'tar -C "$STATE/tree" -c . | ssh -F "$FLEET.ssh" "$1" "sudo sh -c \"mkdir -p /opt/tree && tar -C /opt/tree --no-same-owner -x\""' ;;
  tree-again)
    (cd "$STATE/tree" && find . -type f -exec sha1sum {} +) >"$STATE/tree.sha1"
    each 'ssh -F "$FLEET.ssh" "$1" "cd /opt/tree && sudo sha1sum --quiet -c -" <"$STATE/tree.sha1"'
    ;;
  large) each 'scp -q -F "$FLEET.ssh" "$STATE/large" "$1:/tmp/large"' ;;
  *)
    echo "usage: $0 WORKLOAD FLEET [STATE]" >&2
    exit 1
    ;;
esac

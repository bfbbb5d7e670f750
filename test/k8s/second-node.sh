#!/bin/sh
# A second node on the same machine, with an engine, pods and a network of its own: test/k8s/cluster.sh runs it in a mount
# namespace of its own, so that neither kubelet finds what the other keeps below /var.
#   second-node.sh DIR KUBELET-COMMAND…
set -eu
dir=$1
shift
bridge=mlops-k8s-2
gateway=10.214.0.1
mkdir -p "$dir/log" "$dir/lib"
mount --bind "$dir/log" /var/log
mkdir -p /var/lib/kubelet
mount --bind "$dir/lib" /var/lib/kubelet

ip link show "$bridge" >/dev/null 2>&1 || ip link add "$bridge" type bridge
ip address replace "$gateway/24" dev "$bridge"
ip link set "$bridge" up

stop() {
  kill "$kubelet" 2>/dev/null || true
  docker -H "unix://$dir/docker.sock" ps -aq | xargs -r docker -H "unix://$dir/docker.sock" rm -f >/dev/null 2>&1 || true
  kill "$engine" 2>/dev/null || true
  wait "$engine" || true
  ip link delete "$bridge" 2>/dev/null || true
  exit 0
}
trap stop TERM INT

echo '{}' >"$dir/daemon.json"
dockerd --config-file "$dir/daemon.json" -H "unix://$dir/docker.sock" --data-root "$dir/docker" --exec-root "$dir/run" --pidfile "$dir/dockerd.pid" \
  --containerd-namespace mlops-k8s-2 --containerd-plugins-namespace mlops-k8s-2-plugins --bridge "$bridge" --iptables=false --ip-masq=false \
  >"$dir/dockerd.log" 2>&1 &
engine=$!
i=0
until docker -H "unix://$dir/docker.sock" version >/dev/null 2>&1; do
  i=$((i + 1))
  [ $i -lt 240 ] || { echo 'the engine of the second node did not start' >&2; stop; }
  sleep 0.5
done
"$@" &
kubelet=$!
wait "$kubelet"

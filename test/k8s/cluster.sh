#!/bin/sh
# A Kubernetes control plane with two nodes on this machine, for tests. Needs root, Docker with dockershim's API (20.10), etcd, kubectl,
# and the programs of Kubernetes 1.20 in K8S_BIN (test/k8s/build.sh builds them from Debian's sources).
#   cluster.sh up DIR             starts it, writes DIR/kubeconfig
#   cluster.sh load DIR IMAGE…    gives the second node images of this machine's engine; the first has them
#   cluster.sh down DIR           ends what was started there, and removes its containers
set -eu
action=${1:-} dir=${2:-}
[ -n "$dir" ] || { sed -n 's/^#   //p' "$0"; exit 1; }
bin=${K8S_BIN:-/opt/mlops-k8s/bin}
port=${K8S_PORT:-16443}
etcd_port=$((port + 1))
services=10.213.0
here=$(cd "$(dirname "$0")" && pwd)

start() {
  name=$1
  shift
  setsid "$@" >"$dir/$name.log" 2>&1 &
  echo $! >"$dir/$name.pid"
}

await() {
  what=$1
  shift
  i=0
  until "$@" >/dev/null 2>&1; do
    i=$((i + 1))
    [ $i -lt 240 ] || { echo "cluster.sh: $what did not come up: see $dir" >&2; exit 1; }
    sleep 0.5
  done
}

config() {
  cat >"$dir/$1.kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{ name: test, cluster: { server: "https://127.0.0.1:$port", certificate-authority: "$dir/pki/ca.crt" } }]
users: [{ name: admin, user: { client-certificate: "$dir/pki/admin.crt", client-key: "$dir/pki/admin.key" } }]
contexts: [{ name: test, context: { cluster: test, user: admin } }]
current-context: test
END
}

certificates() {
  mkdir -p "$dir/pki"
  cd "$dir/pki"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=mlops-test >/dev/null 2>&1
  openssl genrsa -out sa.key 2048 >/dev/null 2>&1
  certificate apiserver /CN=kube-apiserver "subjectAltName=IP:127.0.0.1,IP:$services.1,DNS:localhost,DNS:kubernetes.default.svc"
  certificate admin /O=system:masters/CN=admin "subjectAltName=DNS:admin"
  cd - >/dev/null
}

certificate() {
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2" >/dev/null 2>&1
  printf '%s\n' "$3" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -out "$1.crt" -days 30 -extfile "$1.ext" >/dev/null 2>&1
}

up() {
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  certificates
  config admin
  cp "$dir/admin.kubeconfig" "$dir/kubeconfig"
  start etcd etcd --data-dir "$dir/etcd" --unsafe-no-fsync --listen-client-urls "http://127.0.0.1:$etcd_port" \
    --advertise-client-urls "http://127.0.0.1:$etcd_port" --listen-peer-urls "http://127.0.0.1:$((port + 2))" \
    --initial-advertise-peer-urls "http://127.0.0.1:$((port + 2))" --initial-cluster "default=http://127.0.0.1:$((port + 2))"
  start kube-apiserver "$bin/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd_port" --secure-port "$port" --bind-address 127.0.0.1 \
    --tls-cert-file "$dir/pki/apiserver.crt" --tls-private-key-file "$dir/pki/apiserver.key" --client-ca-file "$dir/pki/ca.crt" \
    --kubelet-client-certificate "$dir/pki/admin.crt" --kubelet-client-key "$dir/pki/admin.key" \
    --service-account-key-file "$dir/pki/sa.key" --service-account-signing-key-file "$dir/pki/sa.key" \
    --service-account-issuer https://kubernetes.default.svc --authorization-mode RBAC --service-cluster-ip-range "$services.0/24" \
    --kubelet-preferred-address-types InternalIP --allow-privileged=false --enable-admission-plugins NodeRestriction,PodSecurityPolicy
  await kube-apiserver curl -fsS --cacert "$dir/pki/ca.crt" --cert "$dir/pki/admin.crt" --key "$dir/pki/admin.key" "https://127.0.0.1:$port/readyz"
  kubectl --kubeconfig "$dir/kubeconfig" apply -f "$here/restricted.yaml" -f "$here/custom-resources.yaml" >/dev/null
  start kube-controller-manager "$bin/kube-controller-manager" --kubeconfig "$dir/admin.kubeconfig" --secure-port 0 --port 0 \
    --service-account-private-key-file "$dir/pki/sa.key" --root-ca-file "$dir/pki/ca.crt" --leader-elect=false
  start kube-scheduler "$bin/kube-scheduler" --kubeconfig "$dir/admin.kubeconfig" --secure-port 0 --port 0 --leader-elect=false
  first_node
  second_node
}

# Pods on Docker's own bridge, Services by iptables; no quality-of-service cgroups: this may be a container itself.
first_node() {
  docker image inspect mlops/test-pause:1 >/dev/null 2>&1 || pause_image
  # there is no CoreDNS in Debian: names of Services come from a small server of our own, at the address of Docker's bridge
  dns=$(docker network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}')
  start dns node "$here/dns.mjs" "$dns" "$dir/admin.kubeconfig"
  kubelet_config "$dir/kubelet.yaml" $((port + 3))
  start kubelet "$bin/kubelet" --config "$dir/kubelet.yaml" --kubeconfig "$dir/admin.kubeconfig" --hostname-override test-node \
    --root-dir "$dir/kubelet" --cert-dir "$dir/pki" --container-runtime docker --network-plugin '' --pod-infra-container-image mlops/test-pause:1 --v 2
  start kube-proxy "$bin/kube-proxy" --kubeconfig "$dir/admin.kubeconfig" --hostname-override test-node --proxy-mode iptables \
    --healthz-bind-address "127.0.0.1:$((port + 4))" --metrics-bind-address "127.0.0.1:$((port + 5))" --conntrack-max-per-core 0
}

# An engine of its own, on a bridge of its own. The first engine knows nothing of that: what goes between the two is let through here.
second_node() {
  second=$dir/node-2
  mkdir -p "$second"
  kubelet_config "$second/kubelet.yaml" $((port + 6))
  start node-2 unshare --mount sh "$here/second-node.sh" "$second" "$bin/kubelet" --config "$second/kubelet.yaml" \
    --kubeconfig "$dir/admin.kubeconfig" --hostname-override test-node-2 --root-dir "$second/kubelet" --cert-dir "$second/pki" \
    --container-runtime docker --docker-endpoint "unix://$second/docker.sock" --network-plugin '' --pod-infra-container-image mlops/test-pause:1 --v 2
  for direction in -i -o; do
    iptables -C FORWARD "$direction" mlops-k8s-2 -j ACCEPT 2>/dev/null || iptables -I FORWARD "$direction" mlops-k8s-2 -j ACCEPT
  done
  await 'the second engine' docker -H "unix://$second/docker.sock" version
  load mlops/test-pause:1
}

load() {
  docker save "$@" | docker -H "unix://$(cd "$dir" && pwd)/node-2/docker.sock" load >/dev/null
}

kubelet_config() {
  cat >"$1" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 0.0.0.0
port: $2
readOnlyPort: 0
healthzPort: 0
authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: "$dir/pki/ca.crt" } }
authorization: { mode: Webhook }
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
failSwapOn: false
clusterDomain: cluster.local
clusterDNS: ["$dns"]
evictionHard: { nodefs.available: "1%", imagefs.available: "1%", memory.available: "50Mi" }
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
END
}

pause_image() {
  context=$(mktemp -d)
  cp "$(command -v busybox)" "$context/busybox"
  mkdir "$context/lib"
  ldd "$(command -v busybox)" | grep -o '/[^ ]*' | while read -r file; do cp --parents "$file" "$context/lib"; done
  printf 'FROM scratch\nCOPY lib/ /\nCOPY busybox /busybox\nENTRYPOINT ["/busybox", "sleep", "2147483647"]\n' >"$context/Dockerfile"
  docker build -q -t mlops/test-pause:1 "$context" >/dev/null
  rm -rf "$context"
}

down() {
  dir=$(cd "$dir" && pwd)
  for name in node-2 kubelet kube-proxy dns kube-scheduler kube-controller-manager kube-apiserver etcd; do
    [ -e "$dir/$name.pid" ] || continue
    pid=$(cat "$dir/$name.pid")
    kill "$pid" 2>/dev/null || true
    gone "$pid"
    rm -f "$dir/$name.pid"
  done
  docker ps -aq --filter label=io.kubernetes.pod.namespace | xargs -r docker rm -f >/dev/null 2>&1 || true
  "$bin/kube-proxy" --cleanup >/dev/null 2>&1 || true
  rules
  mount | sed -n "s|.* on \($dir/kubelet[^ ]*\) .*|\1|p" | xargs -r umount >/dev/null 2>&1 || true
  rm -rf "$dir/kubelet" "$dir/etcd" "$dir/node-2"
}

gone() {
  i=0
  while kill -0 "$1" 2>/dev/null && [ $i -lt 120 ]; do
    i=$((i + 1))
    sleep 0.5
  done
}

# What kubelet and kube-proxy leave in the tables of the machine.
rules() {
  for direction in -i -o; do iptables -D FORWARD "$direction" mlops-k8s-2 -j ACCEPT 2>/dev/null || true; done
  for table in filter nat mangle; do
    {
      echo "*$table"
      iptables-save -t "$table" | sed -n 's/^-A \(.* -j KUBE-.*\)/-D \1/p'
      iptables-save -t "$table" | sed -n 's/^:\(KUBE-[^ ]*\) .*/-F \1/p'
      iptables-save -t "$table" | sed -n 's/^:\(KUBE-[^ ]*\) .*/-X \1/p'
      echo COMMIT
    } | iptables-restore --noflush
  done
}

case $action in
  up | down) "$action" ;;
  load)
    shift 2
    load "$@"
    ;;
  *)
    sed -n 's/^#   //p' "$0"
    exit 1
    ;;
esac

#!/bin/sh
# Builds the programs of Kubernetes 1.20 from Debian's source package (which packs kubectl alone), for test/k8s/cluster.sh.
#   build.sh DIR    a quarter of an hour on two cores; the programs are in DIR/bin. Needs root for apt.
set -eu
dir=${1:?build.sh DIR}
mkdir -p "$dir/bin" "$dir/gopath/src/k8s.io" "$dir/tmp"
dir=$(cd "$dir" && pwd)
# source packages from wherever this machine has its packages from
sources=/etc/apt/sources.list.d/mlops-test-k8s
trap 'rm -f "$sources.sources" "$sources.list"' EXIT
sed 's/^Types: deb$/Types: deb-src/' /etc/apt/sources.list.d/debian.sources >"$sources.sources" 2>/dev/null || rm -f "$sources.sources"
sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$sources.list" 2>/dev/null || rm -f "$sources.list"
apt-get update -qq
apt-get install -y -qq --no-install-recommends dpkg-dev golang-1.19-go golang-github-modern-go-reflect2-dev etcd-server conntrack iptables ipset socat busybox >/dev/null
cd "$dir"
tree=$dir/gopath/src/k8s.io/kubernetes
if [ ! -d "$tree" ]; then
  apt-get source -qq --download-only kubernetes
  dpkg-source --no-check -x kubernetes_*.dsc "$tree" >/dev/null
fi
cd "$tree"
export PATH="/usr/lib/go-1.19/bin:$PATH" GOPATH="$dir/gopath" GOCACHE="$dir/gocache" GOTMPDIR="$dir/tmp" CGO_ENABLED=0 GO111MODULE=off
# its own reads maps as they were before Go 1.18, and falls over custom resources
rm -rf vendor/github.com/modern-go/reflect2
cp -r /usr/share/gocode/src/github.com/modern-go/reflect2 vendor/github.com/modern-go/reflect2
# generated code that the package leaves out
go build -o "$dir/bin/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
inputs=$(grep -rl --include='*.go' '+k8s:openapi-gen=' pkg cmd staging/src/k8s.io | grep -v '_test\.go\|_examples\|sample-apiserver\|/testdata/\|kube-aggregator/pkg/generated' |
  xargs -n1 dirname | sort -u | sed 's#^staging/src/#k8s.io/kubernetes/vendor/#; s#^\(pkg\|cmd\)#k8s.io/kubernetes/\1#' | paste -sd,)
"$dir/bin/openapi-gen" --go-header-file hack/boilerplate/boilerplate.generatego.txt -i "$inputs" -p k8s.io/kubernetes/pkg/generated/openapi \
  -O zz_generated.openapi --output-base "$dir/gopath/src" -r "$dir/violations.txt"
# The kubelet makes the sandbox of a pod harder to kill than anything else. That needs CAP_SYS_RESOURCE, which containers and some
# virtual machines do not have: it is left out here, and nothing else is changed.
sed -i 's/defaultSandboxOOMAdj int = -998/defaultSandboxOOMAdj int = 0/' pkg/kubelet/dockershim/docker_sandbox.go
version=k8s.io/kubernetes/vendor/k8s.io/component-base/version
flags="-s -w -X $version.gitVersion=v1.20.2 -X $version.gitMajor=1 -X $version.gitMinor=20"
for program in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy; do
  nice go build -ldflags "$flags" -o "$dir/bin/$program" "./cmd/$program"
done

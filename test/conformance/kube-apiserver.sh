#!/usr/bin/env bash
# Builds an unmodified kube-apiserver 1.20.2 for the acceptance test on a three-member Keelson: Debian bookworm's source
# package of Kubernetes, with bullseye's Go 1.15, which is what that release was made with (libraries it carries crash when
# a newer one compiles them). Both are unpacked under .cache and nothing is installed over the system.
# It takes one core for 10 to 20 minutes and 4 GB of disk (all but the binary, 120 MB, is removed at the end), which is why
# no other script calls it. Prints the path of the binary; run again it does nothing else.
# `npm run acceptance` finds the binary at its place; KEELSON_TEST_KUBE_APISERVER names another one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cache="$PWD/.cache/kube-apiserver"
binary="$cache/kube-apiserver"
[ -x "$binary" ] && { echo "$binary"; exit 0; }

mirror="${KEELSON_DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m1 -E '/debian/?$' || true)}"
[ -n "$mirror" ] || { echo 'kube-apiserver: apt names no Debian mirror; set KEELSON_DEBIAN_MIRROR to one' >&2; exit 1; }
mirror="${mirror%/}"
for tool in curl xz dpkg-deb gcc; do
  command -v "$tool" >/dev/null || { echo "kube-apiserver: '$tool' is needed (Debian packages: curl xz-utils dpkg gcc)" >&2; exit 1; }
done

build="$cache/build"
rm -rf "$build" && mkdir -p "$build"
index() { curl -fsS --retry 3 -m 180 "$mirror/dists/$1.xz" | xz -dc; }
get() { # path sha256 target
  echo "kube-apiserver: fetching $1" >&2
  curl -fsS --retry 3 -m 600 "$mirror/$1" -o "$3"
  echo "$2  $3" | sha256sum --quiet -c - >&2
}

# Go: two packages, which find each other by relative links wherever they are unpacked.
index "bullseye/main/binary-$(dpkg --print-architecture)/Packages" > "$build/packages"
for package in golang-1.15-go golang-1.15-src; do
  read -r path sum < <(awk -v p="$package" 'BEGIN{RS="";FS="\n"} $1=="Package: " p {for(i=1;i<=NF;i++){if($i~/^Filename: /)f=substr($i,11);if($i~/^SHA256: /)s=substr($i,9)} print f, s; exit}' "$build/packages")
  get "$path" "$sum" "$build/$package.deb"
  dpkg-deb -x "$build/$package.deb" "$build/go"
done

# The upstream tarball of the source package, in the place that a GOPATH gives it.
index bookworm/main/source/Sources > "$build/sources"
read -r folder sum name < <(awk 'BEGIN{RS="";FS="\n"} $1=="Package: kubernetes" {for(i=1;i<=NF;i++){if($i~/^Directory: /)d=substr($i,12);if($i~/^ [0-9a-f]{64} .*\.orig\.tar\.gz$/||($i~/\.orig\.tar\.gz$/&&length($i)>100)){split($i,a," ");s=a[1];n=a[3]}} print d, s, n; exit}' "$build/sources")
get "$folder/$name" "$sum" "$build/kubernetes.tar.gz"
source="$build/gopath/src/k8s.io/kubernetes"
mkdir -p "$source"
tar -xzf "$build/kubernetes.tar.gz" -C "$source" --strip-components=1

export PATH="$build/go/usr/lib/go-1.15/bin:$PATH" GOPATH="$build/gopath" GOCACHE="$build/gocache" GO111MODULE=off GOFLAGS=-p=1 CGO_ENABLED=0
cd "$source"
# The one file that the release does not carry: OpenAPI definitions, generated from the comments of the packages that ask for
# it, as the release's own Makefile does.
echo 'kube-apiserver: generating the OpenAPI definitions' >&2
nice -n 5 go build -o "$build/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
inputs=$(grep -rlE --include='*.go' '^// *\+k8s:openapi-gen=' pkg cmd plugin vendor/k8s.io/*/ \
  | grep -vE '^vendor/k8s.io/(code-generator|sample-apiserver|gengo|kube-openapi)/|_test\.go$' | xargs -n1 dirname | LC_ALL=C sort -u | sed 's,^,k8s.io/kubernetes/,' | paste -sd,)
nice -n 5 "$build/openapi-gen" --logtostderr -i "$inputs" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
  -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$build/violations" >&2

echo 'kube-apiserver: building' >&2
version=
for package in client-go/pkg/version component-base/version; do
  for variable in gitVersion=v1.20.2 gitMajor=1 gitMinor=20; do version+=" -X k8s.io/kubernetes/vendor/k8s.io/$package.$variable"; done
done
nice -n 5 go build -ldflags "-s -w $version" -o "$build/kube-apiserver" ./cmd/kube-apiserver
mv "$build/kube-apiserver" "$binary"
chmod -R u+w "$build" && rm -rf "$build"
echo "$binary"

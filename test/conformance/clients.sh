#!/usr/bin/env bash
# Brings the real clients and servers that the acceptance tests run: etcd and etcdctl (trixie) and kubectl (trixie's and
# sid's), from Debian's packages, unpacked into .cache/clients; nothing is installed over the system.
# Prints the folder. Run again it does nothing. `clients.sh --env` prints the variables that name each binary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cache="$PWD/.cache/clients"
# The mirror that this machine's apt is set up with; it has every suite.
mirror="${KEELSON_DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m1 -E '/debian/?$' || true)}"
[ -n "$mirror" ] || { echo 'clients: apt names no Debian mirror; set KEELSON_DEBIAN_MIRROR to one' >&2; exit 1; }
mirror="${mirror%/}"

# name in the cache | suite | package
wanted='etcd|trixie|etcd-server
etcdctl|trixie|etcd-client
kubectl|trixie|kubectl
kubectl-new|sid|kubectl'

index() { # suite -> path of its package index, fetched once a run
  local file="$cache/$1.index"
  if [ ! -s "$file" ]; then
    echo "clients: reading the package index of $1" >&2
    curl -fsS --retry 3 -m 180 "$mirror/dists/$1/main/binary-$(dpkg --print-architecture)/Packages.xz" | xz -dc > "$file.part"
    mv "$file.part" "$file"
  fi
  echo "$file"
}

fetch() { # name suite package
  local target="$cache/$1" file path sum
  [ -e "$target/.done" ] && return 0
  file=$(index "$2")
  read -r path sum < <(awk -v p="$3" 'BEGIN{RS="";FS="\n"} $1=="Package: " p {for(i=1;i<=NF;i++){if($i~/^Filename: /)f=substr($i,11);if($i~/^SHA256: /)s=substr($i,9)} print f, s; exit}' "$file")
  [ -n "${path:-}" ] || { echo "clients: $2 has no package $3" >&2; exit 1; }
  echo "clients: fetching $path" >&2
  rm -rf "$target" && mkdir -p "$target"
  curl -fsS --retry 3 -m 300 "$mirror/$path" -o "$target/package.deb"
  echo "$sum  $target/package.deb" | sha256sum --quiet -c - >&2
  dpkg-deb -x "$target/package.deb" "$target"
  rm "$target/package.deb"
  touch "$target/.done"
}

mkdir -p "$cache"
for tool in curl xz dpkg-deb; do
  command -v "$tool" >/dev/null || { echo "clients: '$tool' is needed (Debian packages: curl xz-utils dpkg)" >&2; exit 1; }
done
while IFS='|' read -r name suite package; do fetch "$name" "$suite" "$package"; done <<< "$wanted"
rm -f "$cache"/*.index

if [ "${1:-}" = --env ]; then
  echo "KEELSON_TEST_ETCD=$cache/etcd/usr/bin/etcd"
  echo "KEELSON_TEST_ETCDCTL=$cache/etcdctl/usr/bin/etcdctl"
  echo "KEELSON_TEST_KUBECTL=$cache/kubectl/usr/bin/kubectl"
  echo "KEELSON_TEST_KUBECTL_NEW=$cache/kubectl-new/usr/bin/kubectl"
else
  echo "$cache"
fi

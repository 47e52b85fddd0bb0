#!/usr/bin/env bash
# Brings the real clients and servers that the acceptance tests run, from Debian's packages, unpacked into .cache/clients:
# nothing is installed over the system. Run again it does nothing.
#   clients.sh          prints the folder
#   clients.sh --env    prints the variables that name each program
# A row of `wanted` is a folder: its name, the suite, the packages that are unpacked into it together.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cache="$PWD/.cache/clients"
# The mirror that this machine's apt is set up with; it has every suite.
mirror="${KEELSON_DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m1 -E '/debian/?$' || true)}"
[ -n "$mirror" ] || { echo 'clients: apt names no Debian mirror; set KEELSON_DEBIAN_MIRROR to one' >&2; exit 1; }
mirror="${mirror%/}"

# Python and PostgreSQL come with their libraries, so that they fit on whatever machine this is.
python='python3.11 python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libexpat1 libffi8 libssl3 zlib1g libbz2-1.0 liblzma5
  python3-six python3-urllib3 python3-pkg-resources'
etcd_python='python3-etcd3 python3-grpcio python3-protobuf python3-tenacity libabsl20220623 libc-ares2 libre2-9 libprotobuf32
  python3-etcd3gw python3-requests python3-futurist python3-pbr python3-certifi python3-charset-normalizer python3-idna python3-chardet'
patroni='patroni python3-etcd python3-cdiff python3-click python3-colorama python3-dateutil python3-prettytable python3-wcwidth python3-psutil
  python3-yaml libyaml-0-2 python3-psycopg2 libpq5 python3-dnspython'
postgres='postgresql-15 postgresql-client-15 libpq5 libicu72 libxml2 libldap-2.5-0 libsasl2-2 liblz4-1 libzstd1 libpam0g libgssapi-krb5-2
  libkrb5-3 libk5crypto3 libkrb5support0 libkeyutils1 libcom-err2 libssl3 libreadline8 libtinfo6 libuuid1 libaudit1 libcap-ng0
  libsystemd0 libcap2 libgcrypt20 libgpg-error0 libgnutls30 libnettle8 libhogweed6 libidn2-0 libtasn1-6 libp11-kit0 libunistring2 libgmp10'
wanted="etcd|trixie|etcd-server
etcdctl|trixie|etcd-client
etcd-3.4|bookworm|etcd-server etcd-client
etcd-new|sid|etcd-server etcd-client
kubectl|trixie|kubectl
kubectl-new|sid|kubectl
python|bookworm|$(echo $python $etcd_python $patroni)
postgres|bookworm|$(echo $postgres)"

index() { # suite -> path of its package index, fetched once a run
  local file="$scratch/$1.index"
  if [ ! -s "$file" ]; then
    echo "clients: reading the package index of $1" >&2
    curl -fsS --retry 3 -m 180 "$mirror/dists/$1/main/binary-$(dpkg --print-architecture)/Packages.xz" | xz -dc > "$file"
  fi
  echo "$file"
}

unpack() { # folder suite package
  local file path sum
  file=$(index "$2")
  read -r path sum < <(awk -v p="$3" 'BEGIN{RS="";FS="\n"} $1=="Package: " p {for(i=1;i<=NF;i++){if($i~/^Filename: /)f=substr($i,11);if($i~/^SHA256: /)s=substr($i,9)} print f, s; exit}' "$file") || true
  [ -n "${path:-}" ] || { echo "clients: $2 has no package $3" >&2; exit 1; }
  echo "clients: fetching $path" >&2
  curl -fsS --retry 3 -m 300 "$mirror/$path" -o "$scratch/package.deb"
  echo "$sum  $scratch/package.deb" | sha256sum --quiet -c - >&2
  dpkg-deb -x "$scratch/package.deb" "$1"
}

holds() { # folder suite packages: whether all of them are in it, perhaps among others
  local done package
  done=" $(cat "$1/.done" 2>/dev/null) "
  for package in "$2" $3; do [[ $done == *" $package "* ]] || return 1; done
}

fetch() { # name suite packages: whole or not at all, and again when the row wants more
  local target="$cache/$1" package
  holds "$target" "$2" "$3" && return 0
  rm -rf "$target" "$scratch/tree" && mkdir -p "$scratch/tree"
  for package in $3; do unpack "$scratch/tree" "$2" "$package"; done
  echo "$2 $3" > "$scratch/tree/.done"
  mv "$scratch/tree" "$target"
}

for tool in curl xz dpkg-deb flock; do
  command -v "$tool" >/dev/null || { echo "clients: '$tool' is needed (Debian packages: curl xz-utils dpkg util-linux)" >&2; exit 1; }
done
mkdir -p "$cache"
exec 9> "$cache/.lock" && flock 9 # two runs at once fetch each thing once
scratch=$(mktemp -d "$cache/.fetching-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
while IFS='|' read -r name suite packages; do fetch "$name" "$suite" "$packages"; done <<< "$wanted"

# The npm client is not one of the package's own dependencies: it stands beside the others.
if [ ! -e "$cache/npm/.done" ]; then
  echo 'clients: fetching the npm package etcd3' >&2
  rm -rf "$cache/npm" && mkdir -p "$cache/npm"
  npm install --prefix "$cache/npm" --no-save --no-audit --no-fund --silent etcd3@1.1.2 >&2
  touch "$cache/npm/.done"
fi

if [ "${1:-}" = --env ]; then
  echo "KEELSON_TEST_ETCD=$cache/etcd/usr/bin/etcd"
  echo "KEELSON_TEST_ETCDCTL=$cache/etcdctl/usr/bin/etcdctl"
  echo "KEELSON_TEST_KUBECTL=$cache/kubectl/usr/bin/kubectl"
  echo "KEELSON_TEST_KUBECTL_NEW=$cache/kubectl-new/usr/bin/kubectl"
  echo "KEELSON_TEST_CLIENTS=$cache"
  apiserver="$cache/../kube-apiserver/kube-apiserver"
  if [ -n "${KEELSON_TEST_KUBE_APISERVER:-}" ] || [ -x "$apiserver" ]; then
    echo "KEELSON_TEST_KUBE_APISERVER=${KEELSON_TEST_KUBE_APISERVER:-$apiserver}"
  fi
else
  echo "$cache"
fi

# Where the lab's kernels come from: Debian's packages, looked up and fetched through an apt of the lab's own. Its sources, lists and
# archives lie in the cache; of the host's apt only the way to the network is taken over, and nothing of it is changed.
# Sourced by scripts/lab, after common.sh and with `cache` set.
# shellcheck shell=bash disable=SC2154

apt_root=$cache/apt
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

lab_apt() { APT_CONFIG=$apt_root/apt.conf "$@"; }

# Writes the configuration. Kernels are spread over suites: 6.1 in bookworm, 6.12 in trixie, the ones between in the backports, the newest in
# sid. Suites that the host has anyway (its security updates above all) are listed from where the host has them.
configure_apt() {
  local mirror suite uri
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die 69 "apt knows no mirror of Debian; add one to its sources and run apt-get update"
  mkdir -p "$apt_root/lists/partial" "$apt_root/archives/partial"
  : >"$apt_root/status"
  {
    printf 'Dir::State::lists "%s";\nDir::State::status "%s";\n' "$apt_root/lists" "$apt_root/status"
    printf 'Dir::Cache "%s";\nDir::Cache::archives "%s";\n' "$apt_root" "$apt_root/archives"
    # The host's hooks, pins and sources are its own affair.
    printf 'Dir::Etc::%s "/dev/null";\n' main parts sourceparts preferences preferencesparts
    printf 'Dir::Etc::sourcelist "%s";\n' "$apt_root/sources.list"
    printf 'Acquire::Languages "none";\n'
    # The cache belongs to whoever calls this, and apt's own user may not write there.
    printf 'APT::Architecture "amd64";\nAPT::Sandbox::User "root";\n'
    apt-config dump | grep -E '^Acquire::(http|https|Check-|Retries|ForceIPv)'
  } >"$apt_root/apt.conf"
  {
    for suite in bookworm bookworm-backports trixie trixie-backports sid; do printf '%s %s\n' "$suite" "$mirror"; done
    debian_sources
  } | sort -u | while read -r suite uri; do printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$uri" "$suite"; done >"$apt_root/sources.list"
}

# Brings the lists up to date when they are older than so many minutes. Without a network the old ones do.
update_lists() {
  if [ -n "$(find "$apt_root/updated" -mmin "-$1" 2>/dev/null)" ]; then return 0; fi
  configure_apt
  printf 'updating the lists of the kernels ...\n' >&2
  if lab_apt apt-get update >"$apt_root/update.log" 2>&1; then
    touch "$apt_root/updated"
  else
    tail -n 3 "$apt_root/update.log" >&2
    printf 'failover-bench: the lists of the kernels could not be brought up to date\n' >&2
  fi
}

# All versions (6.1.0-56-amd64) in the packages, one a line: no kernels for clouds or real time, none that is unsigned.
packaged_versions() {
  lab_apt apt-cache pkgnames linux- 2>/dev/null |
    sed -nE 's/^linux-(image|binary)-([0-9]+\.[0-9]+\.[0-9]+([+.][^-]*)?(-[0-9]+)?-amd64)$/\2/p' | sort -u
}

unpacked_versions() {
  find "$cache/kernels" -mindepth 1 -maxdepth 1 -type d ! -name '*.new' -printf '%f\n' 2>/dev/null || true
}

# The newest of the versions on standard input that is $1 or begins with it (6.1 is not the beginning of 6.12); one that was built for this host's
# release of Debian comes before all others (6.12.117+deb12), for its modules can be built with this host's compiler.
newest() {
  local escaped=${1//./\\.} found own
  found=$(grep -E -- "^${escaped//+/\\+}([.+-]|\$)" | sort -V) || return 1
  own=$(grep -F -- "+deb$(. /etc/os-release && printf '%s' "${VERSION_ID-}")-" <<<"$found") || true
  tail -n 1 <<<"${own:-$found}"
}

# Downloads packages and unpacks them into a folder; nothing is installed.
unpack() {
  local folder=$1 file
  shift
  # Of this call alone: another one may fetch the same packages.
  local downloads
  downloads=$(mktemp -d "$cache/download.XXXXXX")
  mkdir -p "$folder"
  (cd "$downloads" && lab_apt apt-get download "$@" >log 2>&1) || {
    tail -n 5 "$downloads/log" >&2
    rm -rf "$downloads"
    die 69 "the packages $* could not be downloaded"
  }
  for file in "$downloads"/*.deb; do dpkg -x "$file" "$folder"; done
  rm -rf "$downloads"
}

# Sets `version`, `folder` (with usr/lib/modules/VERSION or lib/modules/VERSION) and `image` for what the user wrote.
find_kernel() {
  local packages=() kind
  update_lists 1440
  version=$(packaged_versions | newest "$1") || true
  if [ -z "$version" ]; then
    update_lists 10
    version=$(packaged_versions | newest "$1") || true
  fi
  if [ -z "$version" ]; then version=$(unpacked_versions | newest "$1") || true; fi
  if [ -z "$version" ]; then
    die 69 "there is no Debian kernel $1; there are $(packaged_versions | grep -oE '^[0-9]+\.[0-9]+' | sort -uV | paste -sd ' ')"
  fi
  folder=$cache/kernels/$version
  if [ ! -d "$folder" ]; then
    # Up to 6.18 one package holds everything; since then image, binary and modules are packages of their own.
    for kind in image binary modules; do
      if lab_apt apt-cache show "linux-$kind-$version" >/dev/null 2>&1; then packages+=("linux-$kind-$version"); fi
    done
    printf 'unpacking Linux %s ...\n' "$version" >&2
    local new
    new=$(mktemp -d "$cache/kernels/$version.XXXXXX.new")
    unpack "$new" "${packages[@]}"
    # Debian links /lib into /usr/lib; what is unpacked by itself has only one of both.
    if [ ! -d "$new/lib/modules" ]; then ln -s usr/lib "$new/lib"; fi
    # The split packages have modules.builtin elsewhere, of which it warns.
    depmod -b "$new" "$version" 2>"$new/depmod.log" || {
      cat "$new/depmod.log" >&2
      die 70 "depmod failed for $version"
    }
    chmod 755 "$new"
    # Another call may have been faster; what it unpacked is as good.
    mv -T "$new" "$folder" 2>/dev/null || rm -rf "$new"
  fi
  for image in "$folder/boot/vmlinuz-$version" "$folder/usr/lib/modules/$version/vmlinuz" "$folder/lib/modules/$version/vmlinuz"; do
    if [ -f "$image" ]; then return 0; fi
  done
  die 69 "the packages of Linux $version hold no kernel image"
}

# Builds a module of this repository (a folder with its name and a Makefile in scripts/) for the kernel `version`, in the cache. Needs the
# headers, which are unpacked and not installed.
build_module() {
  local name=$1 headers=$folder/usr/src/linux-headers-$version log common kbuild
  need_packages gcc make
  # Two calls at once build once, and nobody copies what is half built.
  exec 8>"$cache/modules.lock"
  flock 8
  if [ -f "$folder/$name/$name.ko" ] && cmp -s "$root/scripts/$name/$name.c" "$folder/$name/$name.c"; then
    exec 8>&-
    return
  fi
  if [ ! -d "$headers" ]; then
    common=$(lab_apt apt-cache depends "linux-headers-$version" | awk '/Depends: linux-headers-.*-common/ { print $2 }')
    kbuild=$(lab_apt apt-cache depends "linux-headers-$version" | awk '/Depends: linux-kbuild-/ { print $2 }')
    unpack "$folder" "linux-headers-$version" "$common" "$kbuild"
    sed -i "s|/usr/src|$folder/usr/src|" "$headers/Makefile"
  fi
  rm -rf "${folder:?}/$name"
  cp -r "$root/scripts/$name" "$folder/$name"
  # Without BTF, which needs a program of its own (pahole) and serves nobody here.
  log=$(make -C "$headers" M="$folder/$name" CONFIG_DEBUG_INFO_BTF_MODULES= modules 2>&1) || {
    printf '%s\n' "$log" >&2
    die 70 "$name could not be built for $version"
  }
  exec 8>&-
}

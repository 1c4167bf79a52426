# Shared by the scripts of this folder; sourced, never run.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What the sources are compiled against, and what runs beside the program.
# shellcheck disable=SC2034  # used by those who source this
build_packages=(libmount-dev libblkid-dev pkg-config) run_packages=(xfsprogs gnuplot-nox)
# What tests open pages with (the report in a browser, the manual page in man(1)), what looks at the devices of a guest,
# and what makes volumes of other kinds.
# shellcheck disable=SC2034
test_packages=(chromium man-db groff dmsetup procps e2fsprogs btrfs-progs)

die() {
  local code=$1
  shift
  printf 'failover-bench: %s\n' "$*" >&2
  exit "$code"
}

# Reads the options of the script that runs into variables of their names (--local-base into local_base), which it has given their defaults,
# and the arguments that are no options into the array `operands`:
#   parse_options 'tag= append=+ local-base KERNEL' "$@"
# tag= takes a value (--tag X, --tag=X); append=+ does so as often as it is given, into an array; local-base becomes true. A name in capitals
# says that there may be arguments, with the first of which the options end; ... that all options but these, and all arguments, are
# somebody else's and are kept in `operands` as they came. --help prints the comment at the head of the script.
parse_options() {
  local known=" $1 " option name
  shift
  operands=()
  while [ $# -gt 0 ]; do
    option=${1%%=*}
    name=''
    if [[ $option =~ ^--([a-z][a-z0-9-]*)$ ]]; then name=${BASH_REMATCH[1]}; fi
    if [ "$1" = --help ] || [ "$1" = -h ]; then
      script_help
      exit
    elif [ -n "$name" ] && [[ $known == *" $name "* ]] && [ "$option" = "$1" ]; then
      declare -g "${name//-/_}=true"
    elif [ -n "$name" ] && [[ $known == *" $name="* ]]; then
      if [ "$option" = "$1" ]; then
        [ $# -ge 2 ] || die 64 "missing value for $option; see --help"
        set -- "$option=$2" "${@:3}"
      fi
      if [[ $known == *" $name=+ "* ]]; then
        local -n repeated=${name//-/_}
        repeated+=("${1#*=}")
      else
        declare -g "${name//-/_}=${1#*=}"
      fi
    elif [[ $known == *' ... '* ]]; then
      operands+=("$1")
    elif [ "$1" != - ] && [[ $1 == -* ]]; then
      die 64 "unknown option $1; see --help"
    elif [[ $known == *[A-Z]* ]]; then
      operands=("$@")
      return
    else
      die 64 "unexpected argument '$1'; see --help"
    fi
    shift
  done
}

# The comment at the head of the script that runs is its help.
script_help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "${BASH_SOURCE[-1]}"; }

# Ends the script where a value is not what it must be.
#   expect --rounds "$rounds" '[1-9][0-9]{0,2}' 'a number from 1 to 999'
expect() {
  [[ $2 =~ ^($3)$ ]] || die 64 "invalid value '$2' for $1: expected $4"
}

# Prints a command and runs it.
say() {
  printf '+ %s\n' "$*"
  "$@"
}

is_root() { [ "$(id -u)" -eq 0 ]; }

# The user who is to own what is built: under sudo the one who called it, so that .build never belongs to root by accident.
# A checkout that this user may not write to is root's own, and is built by root.
build_user() {
  if is_root && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ] && runuser -u "$SUDO_USER" -- test -w "$root" 2>/dev/null; then
    printf '%s\n' "$SUDO_USER"
  else
    id -un
  fi
}

home_of() { getent passwd "$1" | cut -d: -f6; }

as_build_user() {
  local user
  user=$(build_user)
  if [ "$user" = "$(id -un)" ]; then
    "$@"
  else
    # Without -l, which would change the directory. HOME is what the caches of git and the package manager go by.
    runuser -u "$user" -- env -u XDG_CACHE_HOME -u XDG_CONFIG_HOME HOME="$(home_of "$user")" USER="$user" LOGNAME="$user" "$@"
  fi
}

say_as_build_user() {
  printf '+ [%s] %s\n' "$(build_user)" "$*"
  as_build_user "$@"
}

# What root left in a build folder (an earlier call from a root shell, or tests run as root) goes to the build user.
own_build_folder() {
  local user
  user=$(build_user)
  if is_root && [ "$user" != root ] && [ -d "$1" ]; then
    find "$1" ! -user "$user" -exec chown -h "$user:" {} +
  fi
}

apt_install() {
  # Another apt that is just running is waited for.
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@" 2>&1
}

# Installs the Debian packages that are not there. Says nothing when there is nothing to do.
need_packages() {
  local missing=() package log
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    # Names differ elsewhere, so only what can be seen is asked for.
    if ! command -v pkg-config >/dev/null || ! pkg-config --exists mount blkid; then
      die 69 "not a Debian system: install the development files of libmount and libblkid, pkg-config and xfsprogs"
    fi
    return 0
  fi
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  is_root || die 69 "missing packages; install them: sudo apt-get install ${missing[*]}"
  printf 'failover-bench: installing %s\n' "${missing[*]}" >&2
  # The package lists are only fetched when there are none or they turn out to be too old.
  apt_install "${missing[@]}" >/dev/null && return 0
  log=$(apt-get update 2>&1 && apt_install "${missing[@]}") || {
    printf '%s\n' "$log" >&2
    die 69 "could not install ${missing[*]}"
  }
}

# Every place where a swift may lie, best first; sudo's PATH seldom has it.
swift_candidates() {
  local user home
  command -v swift || true
  user=$(build_user)
  home=$(home_of "$user")
  if is_root; then
    # What the user's own login shell finds. Its greeting may print anything, so only lines that are paths count.
    runuser -u "$user" -- env -i HOME="$home" USER="$user" LOGNAME="$user" TERM=dumb \
      "$(getent passwd "$user" | cut -d: -f7)" -lc 'command -v swift' 2>/dev/null </dev/null | grep '^/' || true
  fi
  printf '%s\n' "$home"/.local/share/swiftly/bin/swift "$home"/.swiftly/bin/swift \
    "$home"/.local/share/swiftly/toolchains/*/usr/bin/swift "$home"/swift*/usr/bin/swift \
    /opt/swift*/usr/bin/swift /usr/local/swift*/usr/bin/swift /usr/share/swift*/usr/bin/swift \
    /usr/libexec/swift/*/bin/swift /usr/libexec/swift/bin/swift /usr/local/bin/swift
}

# Sets `swift` and `swift_version`, and puts swift's folder first in PATH.
find_swift() {
  local candidate info resources needed found=''
  needed=$(sed -n 's|^// *swift-tools-version: *||p;q' "$root/Package.swift")
  while IFS= read -r candidate; do
    [ -x "$candidate" ] || continue
    # There are other programs of that name; only a Swift compiler answers this. swiftly's stand-in answers for the
    # toolchain it selects, and only to the user who has it: so the toolchain's own path is what is used from here on.
    info=$(as_build_user "$candidate" -print-target-info 2>/dev/null </dev/null) || continue
    swift_version=$(sed -n 's/.*"compilerVersion": "\([^"]*\)".*/\1/p' <<<"$info")
    resources=$(sed -n 's/.*"runtimeResourcePath": "\([^"]*\)".*/\1/p' <<<"$info")
    found=$(sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' <<<"$swift_version")
    [ -n "$found" ] || continue
    [ "$(printf '%s\n' "$needed" "$found" | sort -V | head -n 1)" = "$needed" ] || continue
    swift=$candidate
    if [ -x "$resources/../../bin/swift" ]; then swift=$(cd "$resources/../../bin" && pwd)/swift; fi
    PATH="$(dirname "$swift"):$PATH"
    export PATH
    return 0
  done < <(swift_candidates)
  if [ -n "$found" ]; then
    die 69 "only Swift $found found, $needed or later is needed: https://www.swift.org/install/linux/"
  fi
  die 69 "no Swift found, $needed or later is needed: https://www.swift.org/install/linux/"
}

# Has SwiftPM bring products in .build up to date, as the build user. It sees by itself what has changed; nothing is said when nothing has.
# Sets `build`, the folder that has CONFIGURATION/ in it.
#   build_products CONFIGURATION PRODUCT ...
build_products() {
  local options=(-c "$1") product log
  # Runs where there is no Swift, too; without symbols, a third of its size, for the program's pages take part in the experiment.
  if [ "$1" = release ]; then options+=(--static-swift-stdlib -Xlinker --strip-all); fi
  shift
  build=$root/.build
  need_packages "${build_packages[@]}"
  find_swift
  as_build_user mkdir -p "$build" || die 69 "$(build_user) may not write to $build"
  own_build_folder "$build"
  # Two calls at once build once: the second waits, and finds it done.
  as_build_user touch "$build/failover-bench.lock"
  exec 9<"$build/failover-bench.lock"
  flock 9
  for product in "$@"; do
    log=$(as_build_user "$swift" build --package-path "$root" --scratch-path "$build" "${options[@]}" --product "$product" 2>&1 |
      announce_build "$product (${options[1]})") || {
      printf '%s\n' "$log" >&2
      die 70 "the build failed"
    }
  done
  exec 9<&-
}

# Passes a build's output on, and says on standard error when there is something to wait for.
announce_build() {
  local line said=false
  while IFS= read -r line; do
    case $line in
      # Such as a test run, which has .build for itself until its end.
      *'Another instance of SwiftPM'*) printf 'waiting for another build or test run in .build ...\n' >&2 ;;
      *'] Compiling '* | *'] Linking '*)
        $said || printf 'building %s ...\n' "$1" >&2
        said=true
        ;;
    esac
    printf '%s\n' "$line"
  done
}

# Both programs for release.
build_release() { build_products release failover-bench failover-bench-pressure; }

# Sets `build` and `configuration`: the release build, made anew where sources have changed, or what FAILOVER_BENCH_CONFIGURATION names (debug
# is what the tests have built) as it is. A test that starts a script needs the latter: .build is its test run's own until it ends.
choose_build() {
  configuration=${FAILOVER_BENCH_CONFIGURATION:-release}
  case ${FAILOVER_BENCH_CONFIGURATION-} in
    '') build_release ;;
    release | debug)
      build=$root/.build
      [ -x "$build/$configuration/failover-bench" ] || die 69 "FAILOVER_BENCH_CONFIGURATION=$configuration: nothing has been built there yet"
      ;;
    *) die 64 "invalid value '$configuration' for FAILOVER_BENCH_CONFIGURATION: expected release or debug" ;;
  esac
}

# "SUITE URI" for each suite of Debian's own that this host's apt has, by its code name (bookworm, bookworm-security ...).
debian_sources() {
  # shellcheck disable=SC2016  # apt's own variables
  apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "main" && $1 ~ /^(bookworm|trixie|forky|sid)(-security|-updates|-backports)?$/ { print $1, $3 }'
}

# The mirror that this host installs Debian itself from; the security archive is not one that can be installed from.
debian_mirror() { debian_sources | awk '$1 !~ /-/ && !found++ { print $2 }'; }

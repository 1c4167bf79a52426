# Shared by the scripts of this folder; sourced, never run.
# shellcheck shell=bash

# shellcheck disable=SC2034  # used by those who source this
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die() {
  local code=$1
  shift
  printf 'failover-bench: %s\n' "$*" >&2
  exit "$code"
}

# The user who is to own what is built: under sudo the one who called it, so that .build never belongs to root by accident.
build_user() {
  if [ "$(id -u)" -eq 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ] && id "$SUDO_USER" >/dev/null 2>&1; then
    printf '%s\n' "$SUDO_USER"
  else
    id -un
  fi
}

as_build_user() {
  local user
  user=$(build_user)
  if [ "$user" = "$(id -un)" ]; then
    "$@"
  else
    # -l would change the directory; HOME is what the package manager's caches go by.
    runuser -u "$user" -- env HOME="$(getent passwd "$user" | cut -d: -f6)" "$@"
  fi
}

# Installs the Debian packages that are not there. Says nothing when there is nothing to do.
need_packages() {
  local missing=() package
  command -v dpkg-query >/dev/null 2>&1 || {
    printf 'failover-bench: not a Debian system: make sure of %s yourself\n' "$*" >&2
    return 0
  }
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null)" = 'ii ' ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" -eq 0 ] || die 69 "missing packages: ${missing[*]}; install them: sudo apt-get install ${missing[*]}"
  printf 'failover-bench: installing %s\n' "${missing[*]}" >&2
  local log
  log=$(mktemp)
  # The lists may be missing or old: they are only fetched when the install fails without.
  if ! DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
      cat "$log" >&2
      rm -f "$log"
      die 69 "could not install ${missing[*]}"
    fi
  fi
  rm -f "$log"
}

# Prints the path of swift. sudo's PATH seldom has it, so the places where people have it are looked at as well.
find_swift() {
  local candidate user home
  if candidate=$(command -v swift 2>/dev/null); then
    printf '%s\n' "$candidate"
    return 0
  fi
  user=$(build_user)
  home=$(getent passwd "$user" | cut -d: -f6)
  if [ "$(id -u)" -eq 0 ]; then
    # What the user's own login shell finds; its greeting may print anything, so only the last line counts.
    candidate=$(runuser -u "$user" -- env -i HOME="$home" USER="$user" TERM=dumb "$(getent passwd "$user" | cut -d: -f7)" \
      -lc 'command -v swift' 2>/dev/null </dev/null | tail -n 1 || true)
    if [ -x "$candidate" ]; then
      printf '%s\n' "$candidate"
      return 0
    fi
  fi
  for candidate in "$home"/.local/share/swiftly/bin/swift "$home"/.swiftly/bin/swift "$home"/swift*/usr/bin/swift \
    /opt/swift*/usr/bin/swift /usr/local/swift*/usr/bin/swift /usr/share/swift*/usr/bin/swift /usr/libexec/swift/*/bin/swift \
    /usr/local/bin/swift; do
    if [ -x "$candidate" ]; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  die 69 "no Swift found; version 6.2 or later is needed: https://www.swift.org/install/linux/"
}

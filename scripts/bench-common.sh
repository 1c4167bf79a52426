# Shared by the scripts that measure; sourced after common.sh, never run.
# shellcheck shell=bash disable=SC2154

# Prints the median of the numbers in a file, one a line, and where it lies: the interval between two order statistics holds the median with the
# probability that the binomial distribution gives, whatever the numbers' own distribution is; the narrowest that holds it with 95 % or more.
median_interval() {
  sort -n "$1" | awk '
    { v[NR] = $1 }
    END {
      median = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
      p = 1; for (i = 1; i <= NR; i++) p /= 2
      outside = 0; choose = 1; low = 0
      for (k = 0; k <= NR / 2; k++) {
        outside += 2 * choose * p
        if (outside > 0.05) break
        low = k + 1; held = 1 - outside
        choose = choose * (NR - k) / (k + 1)
      }
      printf "median %.3f", median
      if (low) printf ", %.1f %% interval %.3f to %.3f", held * 100, v[low], v[NR + 1 - low]
      else printf "; too few pairs for an interval of 95 %%"
    }'
}

# For scripts that measure by sweeps: sets `binary`, unless the caller has, and `out`, the directory of the results as a whole path.
prepare_sweeps() {
  need_packages "${run_packages[@]}"
  if [ -z "$binary" ]; then
    build_release
    binary=$build/release/failover-bench
  fi
  [ -x "$binary" ] || die 69 "$binary: no program"
  mkdir -p "$1"
  out=$(cd "$1" && pwd)
}

# A sweep NAME with the arguments behind it: measured, or gone on with where it was interrupted. Prints its verdicts.
sweep() {
  local name=$1
  shift
  printf '== %s\n' "$name"
  if [ -e "$out/$name/plan.json" ]; then
    # Whoever asks for more rounds, or for other settings, would be shown the old ones.
    if [ -e "$out/$name.asked" ] && [ "$(cat "$out/$name.asked")" != "$*" ]; then
      die 69 "$out/$name was begun with '$(cat "$out/$name.asked")', not '$*'; name another directory"
    fi
    "$binary" sweep --resume "$out/$name" >"$out/$name.txt"
  else
    printf '%s\n' "$*" >"$out/$name.asked"
    "$binary" sweep --output "$out/$name" "$@" >"$out/$name.txt"
  fi
  grep '^=> ' "$out/$name.txt" || true
}

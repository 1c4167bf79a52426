# Runs of failover-bench in guests of scripts/lab, one boot each, that go on where they were interrupted. Sourced after common.sh, with `out` (the
# directory of the results) and `jobs` (how many guests at a time) set.
# shellcheck shell=bash disable=SC2154,SC2034

# Sets `program`. All guests run the same one, whatever becomes of the sources meanwhile, and those of a later call or of one beside this one as well.
keep_program() {
  exec 8>"$out/program.lock"
  flock 8
  if [ ! -d "$out/program" ]; then
    choose_build
    mkdir -p "$out/program.new"
    cp "$build/$configuration"/failover-bench{,-pressure} "$out/program.new/"
    mv -T "$out/program.new" "$out/program"
  fi
  exec 8>&-
  program=$out/program/failover-bench
}

# guest_run NAME KERNEL [options of the lab] '|' [options of `run`]
# One run in a guest of its own, whose results become $out/NAME. What a guest leaves that did not come to its end stays in $out/NAME.new, and what it printed in
# $out/NAME.log, with a - for a / in NAME: a folder of runs holds only whole ones. A function `finish_run NAME DIR` is called before the results have their name; where it fails they are made anew the next time.
guest_run() {
  local name=$1 kernel=$2 file=$out/${1//\//-} options=()
  shift 2
  while [ "$1" != '|' ]; do options+=("$1"); shift; done
  shift
  # Two calls share the work: what the other one has begun is left to it.
  exec 9>"$file.lock"
  flock -n 9 || return 0
  if [ -d "$out/$name" ]; then return 0; fi
  rm -rf "$file.new"
  printf '%s %s began\n' "$(date -u +%H:%M)" "$name"
  # A failover that stopped is a result.
  if "$root/scripts/lab" --programs "$out/program" "${options[@]}" --results "$file.new" "$kernel" run "${@/#@/$out/}" --no-model --no-report \
    --progress never >"$file.log" 2>&1 || grep -q '"status" : "complete"' "$file.new/run.json" 2>/dev/null; then
    finish_run "$name" "$file.new" || { printf '%s %s: not finished\n' "$(date -u +%H:%M)" "$name"; return 0; }
    mkdir -p "$(dirname "$out/$name")"
    mv -T "$file.new" "$out/$name"
    printf '%s %s: %s of 128\n' "$(date -u +%H:%M)" "$name" "$(completed "$name")"
  else
    # What went wrong is said before where the console lies and with which code it ended.
    printf '%s %s failed: %s\n' "$(date -u +%H:%M)" "$name" "$(grep -m 1 -E '^failover-bench: |^- incomplete' "$file.log" || tail -n 1 "$file.log")"
  fi
}

# Mounts that came up in a run; fails where there is no such run yet.
completed() { [ -f "$out/$1/run.json" ] && sed -n 's/.*"mountsCompleted" *: *\([0-9]*\).*/\1/p' "$out/$1/run.json" | head -n 1; }

# Makes the runs that are read, a line each with the arguments of guest_run, and waits for them; those that are there already are passed over.
guest_runs() {
  local words
  while read -r -a words; do
    if [ -d "$out/${words[0]}" ]; then continue; fi
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
    guest_run "${words[@]}" </dev/null &
  done
  wait
}

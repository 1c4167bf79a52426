# Reads what scripts/lab-backends.guest has kept of each pinning (kernel texts before and after it, run.json), named
# BACKEND-STATE-PAGES-ROUND, and prints a table with its verdicts.

function base(path, n, p) { n = split(path, p, "/"); return p[n] }

FNR == 1 {
  name = base(FILENAME); sub(/\.(txt|json)$/, "", name)
  when = name ~ /-before$/ ? "before" : "after"
  sub(/-(before|after|run)$/, "", name)
  seen[name] = 1
  counting = 0
}

# Node 0, zone   Normal   free blocks of order 0, 1, 2, ...
/^buddyinfo: / { for (i = 6; i <= NF; i++) { pages = $i * 2 ^ (i - 6); free[name, when] += pages; if (i - 6 < 4) small[name, when] += pages } }

# "Number of blocks type     Unmovable      Movable  Reclaimable ...", then a line for each zone.
/^pagetypeinfo: Number of blocks type/ { counting = 1; next }
/^pagetypeinfo: / && counting { if ($2 == "Node") unmovable[name, when] += $6; else counting = 0 }

/^meminfo: SUnreclaim:/ { slab[name, when] = $3 / 4 }

/"originBytesWritten"/ { sub(/,$/, "", $3); written[name] = $3 }
/"pinnedPages"/ { sub(/,$/, "", $3); pinned[name] = $3 }

function sorted(list, n,   i, j, t) { for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t } }
function median(list, n) { return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2 }

# "median (least to most)" of what a backend made in its rounds.
function cell(kind, what, digits,   n, list, key) {
  n = 0
  for (key in seen) if (index(key, kind "-") == 1 && substr(key, length(kind) + 2) ~ /^[0-9]+$/) list[++n] = value(key, what)
  if (n == 0) return "-"
  sorted(list, n)
  middle[kind, what] = median(list, n)
  rounds[kind] = n
  return sprintf("%." digits "f (%." digits "f to %." digits "f)", median(list, n), list[1], list[n])
}

function value(key, what) {
  if (what == "taken") return free[key, "before"] - free[key, "after"]
  if (what == "unmovable") return unmovable[key, "after"] - unmovable[key, "before"]
  if (what == "before") return index_of(key, "before")
  if (what == "index") return index_of(key, "after")
  if (what == "slab") return slab[key, "after"] - slab[key, "before"]
  if (what == "rate") return written[key] ? pinned[key] * 1048576 / written[key] : 0
}

# The share of free memory that is in blocks of less than 64 kB (extfrag: unusable free space index).
function index_of(key, when) { return free[key, when] ? small[key, when] / free[key, when] : 0 }

# In full memory what is taken is reclaimed at the same time, and the free lists say nothing of it.
function line(title, kind) {
  printf "| %s | %s | %s | %s | %s | %s |\n", title, kind ~ /-filled-/ ? "-" : cell(kind, "taken", 0), cell(kind, "unmovable", 0), cell(kind, "before", 4), cell(kind, "index", 4), cell(kind, "slab", 0)
}

# Whether a backend stands within the tolerance of snapmeta.
function verdict(backend, rest,   kind, other, blocks, difference, each) {
  kind = backend "-" rest; other = "snapmeta-" rest
  if (!rounds[kind] || !middle[other, "unmovable"]) return
  blocks = (middle[kind, "unmovable"] - middle[other, "unmovable"]) / middle[other, "unmovable"]
  difference = middle[kind, "index"] - middle[other, "index"]
  # What a backend takes beside what it was told to pin makes blocks unmovable, too.
  if (rest !~ /^filled/)
    each = sprintf(" (%+.1f %% for each page taken)", 100 * ((1 + blocks) * middle[other, "taken"] / middle[kind, "taken"] - 1))
  printf "%s against snapmeta, %s, medians of %d rounds: unmovable pageblocks %+.1f %%%s, index %+.4f: %s.\n", backend, told[rest], rounds[kind], \
    100 * blocks, each, difference, (blocks <= 0.05 && blocks >= -0.05 && difference <= 0.02 && difference >= -0.02) ? \
    "within the tolerance" : "NOT within the tolerance"
}

END {
  told["fresh-32768"] = "32,768 pages"; told["fresh-102400"] = "102,400 pages"; told["fresh-786432"] = "786,432 pages"
  told["filled-102400"] = "102,400 pages in full memory"
  count = split("fresh-32768 fresh-102400 fresh-786432 filled-102400", states, " ")
  all = split("pipe snapmeta dm-snapshot", backends, " ")
  print "| pinned by | pages taken from the free lists | unmovable pageblocks added | unusable free space index at order 4, before | after | pages of unreclaimable slab added |"
  print "|---|---|---|---|---|---|"
  for (s = 1; s <= count; s++)
    for (b = 1; b <= all; b++) {
      kind = backends[b] "-" states[s]
      if (cell(kind, "index", 4) != "-") line(backends[b] ", " told[states[s]], kind)
    }
  print ""
  for (s = 1; s <= count; s++) { verdict("pipe", states[s]); verdict("dm-snapshot", states[s]) }
  if (cell("dm-snapshot-fresh-32768", "rate", 2) != "-")
    printf "dm-snapshot: %s pages for each MiB written to the origin.\n", cell("dm-snapshot-fresh-32768", "rate", 2)
}

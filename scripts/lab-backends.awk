# Reads the texts that scripts/lab-backends.guest has kept, one file before and one after each pinning, and prints a table.

function base(path, n, p) { n = split(path, p, "/"); return p[n] }

FNR == 1 {
  name = base(FILENAME); sub(/\.txt$/, "", name)
  when = name ~ /-before$/ ? "before" : "after"
  sub(/-(before|after)$/, "", name)
  seen[name] = 1
}

# Node 0, zone   Normal   free blocks of order 0, 1, 2, ...
/^buddyinfo: / { for (i = 6; i <= NF; i++) { pages = $i * 2 ^ (i - 6); free[name, when] += pages; if (i - 6 < 4) small[name, when] += pages } }

# "Number of blocks type     Unmovable      Movable  Reclaimable ...", then a line for each zone.
/^pagetypeinfo: Number of blocks type/ { counting = 1; next }
/^pagetypeinfo: / && counting { if ($2 == "Node") unmovable[name, when] += $6; else counting = 0 }
FNR == 1 { counting = 0 }

/^meminfo: SUnreclaim:/ { slab[name, when] = $3 / 4 }
/^slabinfo: dm_exception / { split($0, part, "slabdata"); split(part[2], s, " "); exceptions[name, when] = s[2] * $7; objects[name, when] = $3 }

function sorted(list, n,   i, j, t) { for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t } }
function median(list, n) { return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2 }

# "median (least to most)" of what a backend made in its rounds.
function row(backend, pages, what, digits,   n, list, one, key) {
  n = 0
  for (key in seen) if (key ~ "^" backend "-[0-9]+-" pages "$") list[++n] = value(key, what)
  if (n == 0) return "-"
  sorted(list, n)
  middle[backend, pages, what] = median(list, n)
  rounds[backend] = n
  return sprintf("%." digits "f (%." digits "f to %." digits "f)", median(list, n), list[1], list[n])
}

function value(key, what) {
  if (what == "taken") return free[key, "before"] - free[key, "after"]
  if (what == "unmovable") return unmovable[key, "after"] - unmovable[key, "before"]
  if (what == "index") return free[key, "after"] ? small[key, "after"] / free[key, "after"] : 0
  if (what == "slab") return slab[key, "after"] - slab[key, "before"]
  if (what == "exceptions") return exceptions[key, "after"] - exceptions[key, "before"]
  if (what == "objects") return objects[key, "after"] - objects[key, "before"]
}

function line(title, backend, pages) {
  printf "| %s | %s | %s | %s | %s |\n", title, row(backend, pages, "taken", 0), row(backend, pages, "unmovable", 0), \
    row(backend, pages, "index", 4), row(backend, pages, "slab", 0)
}

# Whether pipe stands within the tolerance of snapmeta.
function verdict(pages,   blocks, index_difference) {
  if (!middle["snapmeta", pages, "unmovable"]) return
  blocks = (middle["pipe", pages, "unmovable"] - middle["snapmeta", pages, "unmovable"]) / middle["snapmeta", pages, "unmovable"]
  index_difference = middle["pipe", pages, "index"] - middle["snapmeta", pages, "index"]
  printf "pipe against snapmeta, %d pages, medians of %d rounds: unmovable pageblocks %+.1f %%, index %+.4f: %s.\n", pages, rounds["pipe"], \
    100 * blocks, index_difference, (blocks <= 0.05 && blocks >= -0.05 && index_difference <= 0.02 && index_difference >= -0.02) ? \
    "within the tolerance" : "NOT within the tolerance"
}

END {
  print "| pinned by | pages taken from the free lists | unmovable pageblocks added | unusable free space index, order 4 | pages of unreclaimable slab added |"
  print "|---|---|---|---|---|"
  line("pipe, 102,400 pages", "pipe", 102400)
  line("snapmeta, 102,400 pages", "snapmeta", 102400)
  line("pipe, 786,432 pages", "pipe", 786432)
  line("snapmeta, 786,432 pages", "snapmeta", 786432)
  line("dm-snapshot, 512 MB of its origin written", "dm", 512)
  line("pipe, as many pages as those exceptions", "pipeasdm", "[0-9]+")
  print ""
  row("dm", 512, "exceptions", 0); row("dm", 512, "objects", 0)
  if (rounds["dm"]) printf "dm-snapshot: %d exceptions in %d pages, %.2f pages for each MB of its origin written.\n", \
    middle["dm", 512, "objects"], middle["dm", 512, "exceptions"], middle["dm", 512, "exceptions"] / 512
  verdict(102400)
  verdict(786432)
}

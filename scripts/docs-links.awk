# The links of Markdown files, for scripts/docs: "FILE TAB LINE TAB KIND TAB TARGET", KIND being link (a relative one), path (of the
# repository, in code voice) or name (of a link that is defined nowhere).
function tell(kind, target) { printf "%s\t%d\t%s\t%s\n", substr(FILENAME, 3), FNR, kind, target }
# Code.
/^    / { next }
{
  rest = $0
  while (match(rest, /`[^`]+`/)) {
    words = substr(rest, RSTART + 1, RLENGTH - 2)
    rest = substr(rest, 1, RSTART - 1) substr(rest, RSTART + RLENGTH)
    sub(/ .*/, "", words)
    if (words ~ /^(fixtures|scripts|Sources|Tests)\/[^*…$]*$/) tell("path", words)
  }
  # Code voice is out of the way now.
  while (match(rest, /!?\[[^]]*\]\([^)]*\)/)) {
    link = substr(rest, RSTART, RLENGTH)
    rest = substr(rest, 1, RSTART - 1) substr(rest, RSTART + RLENGTH)
    target = link
    sub(/^.*\]\(/, "", target)
    sub(/\)$/, "", target)
    # Pictures of articles are for docc.
    if (substr(link, 1, 1) == "!" && FILENAME ~ /\.docc\//) continue
    if (target !~ /^([a-z]+:|<)/) tell("link", target)
  }
  if (match(rest, /^\[[^]]+\]: +/)) {
    target = substr(rest, RLENGTH + 1)
    name = substr(rest, 2, index(rest, "]") - 2)
    defined[FILENAME, name] = 1
    if (target !~ /^[a-z]+:/) tell("link", target)
  } else {
    while (match(rest, /\]\[[^]]+\]/)) {
      used[FILENAME, substr(rest, RSTART + 2, RLENGTH - 3)] = substr(FILENAME, 3) "\t" FNR
      rest = substr(rest, RSTART + RLENGTH)
    }
  }
}
END { for (key in used) if (!(key in defined)) { split(key, parts, SUBSEP); printf "%s\tname\t[%s]\n", used[key], parts[2] } }

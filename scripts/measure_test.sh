#!/usr/bin/env bash
#
# Runs scripts/measure in a directory where heapwise and Python are stand-ins: what is drawn, and with what
# status it ends, for each way in which a run may end.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sandbox=$(mktemp -d)
trap 'rm -rf "$sandbox"' EXIT
failures=0

stand_in() {
  mkdir -p "$(dirname "$1")"
  { echo '#!/bin/bash'; cat; } >"$1"
  chmod +x "$1"
}

# said TEXT: that the last run printed it.
said() {
  [[ $output == *"$1"* ]] || { echo "FAILED: $test: did not say '$1' but: $output"; failures=$((failures + 1)); }
}

# expect TEST STATUS DRAWN: the status that scripts/measure ends with, and of which run it draws charts and report.
expect() {
  local status=0
  test=$1
  output=$("$top/scripts/measure" --quick 2>&1) || status=$?
  local drawn
  drawn=$(sed -n 's/^drew [a-z]*.py of //p' <<<"$output" | sort -u)
  if [[ $status != "$2" || $drawn != "$3" ]]; then
    echo "FAILED: $1: status $status (wanted $2), drawn: $drawn (wanted $3): $output"
    failures=$((failures + 1))
  fi
}

top="$sandbox/somebody's place"
mkdir -p "$top/scripts" "$top/results/old" "$top/results/new"
cp "$scripts/measure" "$scripts/show" "$top/scripts/"
stand_in "$top/scripts/python" <<'PYTHON'
case $1 in
  "scripts/${FAILING-}") echo "$FAILING: no room" >&2; exit 1 ;;
  */heapwise_results.py) echo "$2" ;;
  *) echo "drew ${1#scripts/} of $2" | tee -a /dev/stderr ;;
esac
PYTHON

# heapwise STATUS RUN: a heapwise that ends so, and made this run, or none where it is empty. Another command's run is
# the latest.
heapwise() {
  ln -sfn old "$top/results/latest"
  stand_in "$top/build/bin/heapwise" <<PROGRAM
[[ \$1 == bench && \$2 == --quick && \$3 == --run_file=* && \$# == 3 ]] || exit 99
if [[ -n "$2" ]]; then echo "$2" >"\${3#--run_file=}"; fi
exit $1
PROGRAM
}

heapwise 0 results/new
expect complete 0 results/new
said 'Report   drew report.py of results/new'
heapwise 1 results/new
expect a_lesson_failed 1 results/new
heapwise 139 results/new
expect the_runner_crashed 139 results/new
heapwise 1 ''
expect nothing_could_be_written 1 ''
heapwise 2 ''
expect wrong_use 2 ''
heapwise 130 results/new
expect interrupted 130 ''

# What cannot be drawn costs neither the report nor the charts that can, and is the status.
heapwise 0 results/new
for failing in plot.py report.py; do
  export FAILING=$failing
  expect "$failing fails" 1 results/new
  said "$failing: no room"
  said 'none: see above'
done
unset FAILING

# Output that is lost is no success.
if "$top/scripts/show" results/new >/dev/full 2>/dev/null; then
  echo 'FAILED: show takes /dev/full for a reader'
  failures=$((failures + 1))
fi

if [[ $failures == 0 ]]; then echo 'all passed'; fi
exit $((failures > 0))

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

# expect TEST STATUS DRAWN: the status that scripts/measure ends with, and whether it draws.
expect() {
  local status=0 drawn=no output
  output=$("$top/scripts/measure" --quick 2>&1) || status=$?
  [[ $output != *'drew plot.py'*'drew report.py'* ]] || drawn=yes
  if [[ $status != "$2" || $drawn != "$3" ]]; then
    echo "FAILED: $1: status $status (wanted $2), drawn: $drawn (wanted $3): $output"
    failures=$((failures + 1))
  fi
}

top=$sandbox/a\ place
mkdir -p "$top/scripts" "$top/results/old"
cp "$scripts/measure" "$scripts/show" "$top/scripts/"
touch "$top/results/old/run.json"
stand_in "$top/scripts/setup" <<<"echo '$top/python'"
stand_in "$top/python" <<<'echo "drew ${1#scripts/} of $2" | tee -a /dev/stderr'

# heapwise STATUS MEASURES: a heapwise that ends so, and records a new run if MEASURES is yes.
heapwise() {
  ln -sfn old "$top/results/latest"
  rm -rf "$top/results/new"
  stand_in "$top/build/bin/heapwise" <<PROGRAM
[[ "\$*" == 'bench --quick' ]] || exit 99
if [[ $2 == yes ]]; then
  mkdir results/new && touch results/new/run.json && ln -sfn new results/latest
fi
exit $1
PROGRAM
}

heapwise 0 yes
expect complete 0 yes
heapwise 1 yes
expect a_lesson_failed 1 yes
heapwise 1 no
expect nothing_could_be_written 1 no
heapwise 2 no
expect wrong_use 2 no
heapwise 130 yes
expect interrupted 130 no

heapwise 0 yes
stand_in "$top/python" <<<'echo "plot.py: no room" >&2; exit 1'
expect charts_cannot_be_drawn 1 no

if "$top/scripts/show" results/none 2>"$sandbox/said"; then
  echo 'FAILED: show takes a run that is not there'
  failures=$((failures + 1))
fi
grep -q 'results/none holds no recorded run' "$sandbox/said"

[[ $failures == 0 ]] && echo 'all passed'
exit $((failures > 0))

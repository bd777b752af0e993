#!/usr/bin/env bash
#
# Runs make with the real Makefile and scripts/lesson where all else is a stand-in that notes that it was called.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sandbox=$(mktemp -d)
trap 'rm -rf "$sandbox"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL LESSON RUN
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

top="$sandbox/C++ of somebody's (1)"
mkdir -p "$top/scripts" "$top"/lessons/{05-value-return,06-avoid-allocation,08-heap-profile,15-value-tuning,16-none}
touch "$top"/lessons/{05-value-return,06-avoid-allocation,08-heap-profile,15-value-tuning}/lesson.json
cp "$scripts/../Makefile" "$scripts/../.gitignore" "$top/"
cp "$scripts/lesson" "$top/scripts/"
for name in setup build measure show; do
  cat >"$top/scripts/$name" <<'STAND_IN'
#!/bin/bash
name=$(basename "$0")
echo "$name $*" >>called
if [[ $name == measure ]]; then sleep 0.3; echo "measure ends" >>called; fi
STAND_IN
  chmod +x "$top/scripts/$name"
done

# expect STATUS SAYING ARGUMENT...: how make ends, from another directory, and what it says.
expect() {
  local wanted=$1 saying=$2 status=0 output
  shift 2
  : >"$top/called"
  output=$(make -C "$top" "$@" 2>&1) || status=$?
  [[ $status == "$wanted" && $output == *"$saying"* ]] ||
    fail "make $*: status $status (wanted $wanted), wanted '$saying', said: $output"
  called=$(<"$top/called")
}

for typed in 5 05 return 05-value-return; do
  expect 0 '' lesson LESSON=$typed
  [[ $called == *'build heapwise '*' 05-value-return'*'measure --mode=lesson 05-value-return'* ]] ||
    fail "LESSON=$typed: called $called"
done

# A slip costs no build.
all='05-value-return, 06-avoid-allocation, 08-heap-profile, 15-value-tuning'
for target in lesson check; do
  expect 2 "say which lesson, such as LESSON=05; there are $all" $target
  expect 2 "no lesson '99'; there are $all" $target LESSON=99
  expect 2 "no lesson '05 06'; there are $all" $target 'LESSON=05 06'
  expect 2 "no lesson 'lessons/05-value-return'; there are $all" $target LESSON=lessons/05-value-return
  expect 2 "lesson 'value' may be any of 05-value-return, 15-value-tuning" $target LESSON=value
  [[ -z $called ]] || fail "make $target LESSON=value: called $called"
done

expect 0 '' check LESSON=08 -n
expect 0 '' report
[[ $called == *'show results/latest' ]] || fail "report: called $called"
expect 0 '' report 'RUN=results/my run'
[[ $called == *'show results/my run' ]] || fail "report: called $called"

# What measures is alone.
expect 0 '' -j2 quick report
[[ $called == *$'measure --quick\nmeasure ends\nshow results/latest' ]] || fail "-j2: called $called"

# The report of the reference run makes no later run one "with local changes".
git -C "$top" init -q
for path in results/reference/report.html results/2026-01-01-000000 results/latest plots/a.svg; do
  git -C "$top" check-ignore -q "$path" || fail "$path is not ignored"
done
for path in results/reference/run.json results/schema.json plots/reference/a.svg; do
  if git -C "$top" check-ignore -q "$path"; then fail "$path is ignored"; fi
done

if [[ $failures == 0 ]]; then echo 'all passed'; fi
exit $((failures > 0))

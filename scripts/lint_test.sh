#!/usr/bin/env bash
#
# Runs scripts/lint in a repository of a few files, with stand-ins for the tools that note what they are given.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sandbox=$(mktemp -d)
trap 'rm -rf "$sandbox"' EXIT
for variable in "${!GIT_@}"; do unset "$variable"; done
export HOME=$sandbox
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

top="$sandbox/C++ of somebody's (1)"
bin=$sandbox/bin
mkdir -p "$top/scripts" "$top/build" "$top/lessons/05/testdata" "$bin"
cp "$scripts/lint" "$top/scripts/"
for tool in bash cp dirname git grep head mktemp nproc rm sed xargs; do ln -s "$(command -v "$tool")" "$bin/$tool"; done

# tool NAME: a stand-in that notes each file it is given, and finds something in those that say "bad".
tool() {
  cat >"$bin/$1" <<'STAND_IN'
#!/bin/bash
if [[ $1 == --version ]]; then echo "Debian ${0##*/} version $STAND_IN_VERSION.0.6"; exit; fi
status=0
for argument in "$@"; do
  case $argument in
    *.cc | *.h) echo "${0##*/} $argument" >>called; ! grep -q bad "$argument" || status=1 ;;
  esac
  if [[ -f $argument/compile_commands.json ]]; then cp "$argument/compile_commands.json" database; fi
done
exit $status
STAND_IN
  chmod +x "$bin/$1"
}

# expect STATUS SAYING [ARGUMENT...]: how lint ends, and that it says this or, where SAYING is empty, nothing.
expect() {
  local wanted=$1 saying=$2 status=0 output
  shift 2
  rm -f "$top/called"
  output=$(PATH=$bin STAND_IN_VERSION=${STAND_IN_VERSION-14} "$top/scripts/lint" "$@" 2>&1) || status=$?
  [[ $status == "$wanted" && $output == *"$saying"* && (-n $saying || -z $output) ]] ||
    fail "lint $*: status $status (wanted $wanted), wanted '$saying', said: $output"
  called=$(sort "$top/called" 2>/dev/null) || called=
}

calls() {
  [[ $called == "$1" ]] || fail "wanted the calls '$1', there were: $called"
}

commit() {
  git -C "$top" add -A
  git -C "$top" commit -qm "$1"
}

git -C "$top" init -q
printf 'build\ncalled\ndatabase\n' >"$top/.gitignore"
echo good | tee "$top/a.cc" "$top/a.h" "$top/b.cc" >/dev/null
commit first

expect 0 "there is no clang-format 14 here"
calls ""
tool clang-format
STAND_IN_VERSION=19 expect 0 "there is no clang-format 14 here"
expect 0 "there is no clang-tidy here"
calls $'clang-format a.cc\nclang-format a.h\nclang-format b.cc'
tool clang-tidy
expect 0 "nothing is built yet"

# The precompiled header of an ordinary path, and of one with a space, are taken out of the commands.
cat >"$top/build/compile_commands.json" <<'JSON'
[{"command": "g++ -O2 -Winvalid-pch -include /a/b/cmake_pch.hxx -c a.cc"},
 {"command": "g++ -include \"/a b/cmake_pch.hxx\" -c b.cc"}]
JSON
expect 0 ""
calls $'clang-format a.cc\nclang-format a.h\nclang-format b.cc\nclang-tidy a.cc\nclang-tidy b.cc'
wanted='[{"command": "g++ -O2 -Winvalid-pch -c a.cc"},
 {"command": "g++ -c b.cc"}]'
[[ $(<"$top/database") == "$wanted" ]] || fail "clang-tidy was given $(<"$top/database")"

# Of the last commit: what it has changed, but no tests, no test data, nothing that is gone and no student's file.
echo good >>"$top/a.cc"
echo good | tee "$top/a_test.cc" "$top"/lessons/05/{test,exercise,testdata/c}.cc >/dev/null
rm "$top/b.cc"
commit second
expect 0 ""
calls $'clang-format a.cc\nclang-format a.h\nclang-format a_test.cc\nclang-format lessons/05/exercise.cc
clang-format lessons/05/test.cc\nclang-tidy a.cc'
expect 2 "nonsense: no such commit" nonsense

# What is found is the status, whichever tool it was.
echo bad >"$top/a.cc"
expect 1 ""
echo good >"$top/a.cc"
echo bad >"$top/a.h"
expect 1 ""
echo good >"$top/a.h"
echo bad >"$top/a.cc"
commit third
mv "$bin/clang-format" "$bin/gone"
expect 1 "there is no clang-format 14 here"

[[ $failures == 0 ]] && echo "lint: all as expected"
exit "$((failures > 0))"

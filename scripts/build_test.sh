#!/usr/bin/env bash
#
# Runs scripts/build on a project of one file, in folders of many names and with other settings than the last time.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sandbox=$(mktemp -d)
trap 'rm -rf "$sandbox"' EXIT
unset CC CXX CFLAGS CXXFLAGS LDFLAGS CMAKE_BUILD_TYPE
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# new_project FOLDER: sets `top`.
new_project() {
  top=$sandbox/$1
  mkdir -p "$top/scripts"
  cp "$scripts/build" "$top/scripts/"
  printf '#!/bin/bash\necho /usr/bin/python3\n' >"$top/scripts/setup"
  chmod +x "$top/scripts/setup"
  echo 'int main() {}' >"$top/main.cc"
  cat >"$top/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(one LANGUAGES CXX)
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
add_executable(one main.cc)
CMAKE
}

# builds SAYING [NAME=VALUE...]: that it builds, and says this or, where SAYING is empty, nothing.
builds() {
  local wanted=$1 status=0 output
  shift
  output=$(env "$@" "$top/scripts/build" 2>&1) || status=$?
  if [[ $status != 0 || (-z $wanted && -n $output) || $output != *"$wanted"* ]]; then
    fail "$top, $*: status $status, wanted '$wanted', said: $output"
  fi
}

# flags TEXT: that the file was last compiled with these.
flags() {
  local command
  command=$(ninja -C "$top/build" -t commands | grep main.cc | grep -v -- '-o bin/')
  [[ $command == *"$1"* ]] || fail "compiled without '$1': $command"
}

new_project 'C++ Übung (1)'
builds 'Built: '
flags '-O2'
builds ''
builds 'Configured with CMAKE_BUILD_TYPE=Debug from the environment' CMAKE_BUILD_TYPE=Debug
flags '-g'
builds '' CMAKE_BUILD_TYPE=Debug
builds 'Built: '  # the other shell's Debug is not this one's
flags '-O2'
builds 'Configured with CXXFLAGS= -DA=1  -DB from the environment' CXXFLAGS=' -DA=1  -DB'
flags '-DA=1 -DB'
builds '' CXXFLAGS=' -DA=1  -DB'
cmake -DCMAKE_BUILD_TYPE=Debug "$top/build" >/dev/null  # by hand
builds 'Built: '
flags '-O2'

new_project "John's code"
builds "whose path has ' in it"
[[ -x $top/build/bin/one ]] || fail "$top: nothing was built"

for name in 'C# kurs' 'a:b' 'a;b' 'q"x' 'b\s' 'a|b'; do
  new_project "$name"
  status=0
  said=$("$top/scripts/build" 2>&1) || status=$?
  character=$(tr -d 'a-zA-Z ' <<<"$name")
  if [[ $status != 2 || $(wc -l <<<"$said") != 1 || $said != *"whose path has $character in it; rename it"* ]]; then
    fail "$name: status $status: $said"
  fi
  [[ ! -e $top/build ]] || fail "$name: began to build"
done

if [[ $failures == 0 ]]; then echo 'all passed'; fi
exit $((failures > 0))

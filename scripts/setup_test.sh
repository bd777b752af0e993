#!/usr/bin/env bash
#
# Runs scripts/setup in made-up systems: an empty root directory and a PATH that holds only stand-ins for
# apt-get, sudo, id and python3. A stand-in apt-get "installs" a package by making the file or command that
# setup looks for, so that what setup probes and what it asks apt for are held against each other.
set -euo pipefail

setup=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/setup
sandbox=$(mktemp -d)
trap 'rm -rf "$sandbox"' EXIT
failures=0

fail() {
  echo "FAILED: $test: $*"
  failures=$((failures + 1))
}

# expect WHAT GOT WANTED
expect() {
  [[ $2 == "$3" ]] || fail "$1 is '$2' and not '$3'"
}

# expect_says TEXT: that the last run printed it.
expect_says() {
  [[ $output == *"$1"* ]] || fail "did not say '$1' but: $output"
}

# stand_in NAME: makes a command of it from standard input.
stand_in() {
  mkdir -p "$(dirname "$1")"
  { echo '#!/bin/bash'; cat; } >"$1"
  chmod +x "$1"
}

# new_system UID: a bare machine, on which that user runs setup. The space in its path is meant.
new_system() {
  root=$sandbox/$test/a\ root
  bin=$sandbox/$test/bin
  mkdir -p "$root" "$bin"
  local tool
  for tool in bash cat env ln mkdir mktemp rm sed tail touch; do
    ln -s "$(type -P "$tool")" "$bin/$tool"
  done
  stand_in "$bin/id" <<<"echo $1"
  for tool in c++ cmake git ninja; do
    stand_in "$bin/$tool" <<<'exit 0'
  done
}

# A Python that has the modules that stand in the file beside it.
add_python() {
  mkdir -p "$(dirname "$1")"
  touch "$1.modules"
  stand_in "$1" <<'PYTHON'
shift 4
lacks=()
for module in "$@"; do
  [[ " $(cat "$0.modules") " == *" $module "* ]] || lacks+=("$module")
done
echo "${lacks[*]}"
PYTHON
}

# apt-get that logs its arguments and needs an update first if the file no-lists exists.
add_apt() {
  stand_in "$bin/apt-get" <<APT
here='$sandbox/$test' root='$root' bin='$bin'
APT
  cat >>"$bin/apt-get" <<'APT'
echo "$*" >>"$here/apt.log"
if [[ $1 == update ]]; then rm -f "$here/no-lists"; exit; fi
if [[ -e $here/no-lists ]]; then echo "E: Unable to locate package"; exit 100; fi
lib=$root/usr/lib/x86_64-linux-gnu
module() { echo -n " $1" >>"$root/usr/bin/python3.modules"; }
file() { mkdir -p "${1%/*}"; touch "$1"; }
for package in "$@"; do
  case $package in
    pkg-config) ln -s "$bin/git" "$bin/pkg-config" ;;
    chromium) ln -s "$bin/git" "$bin/chromium" ;;
    libbenchmark-dev) mkdir -p "$lib/cmake/benchmark" ;;
    libgc-dev) file "$lib/pkgconfig/bdw-gc.pc" ;;
    libabsl-dev) mkdir -p "$lib/cmake/absl" ;;
    libgtest-dev) mkdir -p "$lib/cmake/GTest" ;;
    libgmock-dev) file "$root/usr/include/gmock/gmock.h" ;;
    libdw-dev) file "$lib/pkgconfig/libdw.pc" ;;
    libprotobuf-dev) file "$lib/pkgconfig/protobuf.pc" ;;
    protobuf-compiler) ln -s "$bin/git" "$bin/protoc" ;;
    golang-github-google-pprof-dev)
      file "$root/usr/share/gocode/src/github.com/google/pprof/proto/profile.proto"
      ;;
    zlib1g-dev) file "$lib/pkgconfig/zlib.pc" ;;
    libboost-dev) file "$root/usr/include/boost/beast/version.hpp" ;;
    nlohmann-json3-dev) mkdir -p "$root/usr/share/cmake/nlohmann_json" ;;
    python3-protobuf) module google.protobuf ;;
    python3-*) module "${package#python3-}" ;;
    install | -* | DPkg::*) ;;
    *) echo "E: Unable to locate package $package"; exit 100 ;;
  esac
done
APT
}

# run ARGUMENTS: setup in the made-up system; sets output (both streams) and status.
run() {
  status=0
  output=$(PATH=$bin "$setup" "--root=$root" "$@" 2>&1 </dev/null) || status=$?
}

log() { cat "$sandbox/$test/apt.log" 2>/dev/null || true; }

test=installs_as_root
new_system 0
add_python "$root/usr/bin/python3"
add_apt
run
expect status "$status" 0
expect_says 'Installing with apt what Heapwise needs and is missing: pkg-config libbenchmark-dev'
expect 'lines of output' "$(wc -l <<<"$output")" 1
expect 'apt runs' "$(log | wc -l)" 1
[[ $(log) == *--no-install-recommends* ]] || fail "installs what is only recommended: $(log)"
run
expect 'status of the second run' "$status" 0
expect 'output of the second run' "$output" ''
expect 'apt runs after the second' "$(log | wc -l)" 1
run --check
expect 'status of --check' "$status" 0
run --python
expect --python "$output" "$root/usr/bin/python3"
run --browser
expect_says 'missing: chromium'
expect 'apt runs with a browser' "$(log | wc -l)" 2

test=updates_lists_only_when_needed
new_system 0
add_python "$root/usr/bin/python3"
add_apt
touch "$sandbox/$test/no-lists"
run
expect status "$status" 0
expect 'apt runs' "$(log | cut -d' ' -f1 | paste -sd' ')" 'install update install'

test=installs_through_sudo
new_system 1000
add_python "$root/usr/bin/python3"
add_apt
stand_in "$bin/sudo" <<<'[[ $1 == -n ]] && shift; exec "$@"'
ln -s "$(type -P true)" "$bin/true"
run
expect status "$status" 0
expect 'apt runs' "$(log | wc -l)" 1

test=sudo_that_wants_a_password
new_system 1000
add_python "$root/usr/bin/python3"
add_apt
stand_in "$bin/sudo" <<<'exit 1'
run
expect status "$status" 1
expect_says 'sudo apt-get update && sudo apt-get install -y --no-install-recommends pkg-config libbenchmark-dev'
expect 'apt runs' "$(log)" ''

test=no_sudo
new_system 1000
add_python "$root/usr/bin/python3"
add_apt
run
expect status "$status" 1
expect_says 'sudo apt-get install -y --no-install-recommends pkg-config'

test=no_apt
new_system 0
run
expect status "$status" 1
expect_says 'there is no apt-get here: pkg-config libbenchmark-dev'

test=apt_fails
new_system 0
stand_in "$bin/apt-get" <<<'echo "E: Failed to fetch"; exit 100'
run
expect status "$status" 1
expect_says 'E: Failed to fetch'
expect_says 'When that is mended, run:'

test=check_lists_and_installs_nothing
new_system 0
add_python "$root/usr/bin/python3"
add_apt
run --check
expect status "$status" 1
expect_says 'libgc-dev            bdwgc, the collector'
expect 'apt runs' "$(log)" ''
[[ $output != *chromium* ]] || fail 'a browser is needed only with --browser'

test=prefers_a_python_that_has_all
new_system 1000
add_python "$root/usr/bin/python3"
add_python "$bin/python3"
run --python
expect 'status where no Python has all' "$status" 1
expect_says 'run scripts/setup'
echo 'matplotlib jinja2 pygments jsonschema google.protobuf' >"$bin/python3.modules"
run --python
expect 'the one on PATH' "$output" "$bin/python3"
run --check
[[ $output != *python3-* ]] || fail "wants modules that the Python on PATH has: $output"
echo 'matplotlib jinja2 pygments jsonschema google.protobuf' >"$root/usr/bin/python3.modules"
run --python
expect "the system's" "$output" "$root/usr/bin/python3"

test=lists_only_the_modules_that_are_missing
new_system 0
add_python "$root/usr/bin/python3"
echo 'jinja2 pygments google.protobuf' >"$root/usr/bin/python3.modules"
run --check
expect 'modules' "$(grep -o 'python3-[a-z0-9]*' <<<"$output" | paste -sd' ')" 'python3-matplotlib python3-jsonschema'

test=unknown_argument
new_system 0
run --frobnicate
expect status "$status" 2
expect_says "unknown argument '--frobnicate'"

[[ $failures == 0 ]] && echo 'all passed'
exit $((failures > 0))

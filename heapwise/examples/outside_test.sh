#!/usr/bin/env bash
#
# Builds and runs a program outside the tree in one of the ways that README.md names:
#   outside_test.sh WAY BUILD_DIRECTORY
# What is installed is what BUILD_DIRECTORY has built. No network, and nothing of other libraries is there than what the
# way needs.
set -euo pipefail

way=$1
build_dir=$(cd "$2" && pwd)
examples=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$(cd "$examples/../.." && pwd)
sandbox=$(mktemp -d)
trap 'rm -rf "$sandbox"' EXIT
cd "$sandbox"
prefix=$sandbox/prefix
unset CXXFLAGS LDFLAGS CMAKE_BUILD_TYPE CMAKE_PREFIX_PATH PKG_CONFIG_PATH LD_BIND_NOW GOGC GOMEMLIMIT GODEBUG
cxx=$(sed -n 's/^CMAKE_CXX_COMPILER:[^=]*=//p' "$build_dir/CMakeCache.txt")

fail() {
  echo "FAILED: $*"
  exit 1
}

# quietly COMMAND...: its output only where it fails.
quietly() {
  "$@" >log 2>&1 || { cat log; fail "$*"; }
}

install_heapwise() { quietly cmake --install "$build_dir" --prefix "$prefix"; }

# project FOLDER FILE...: a copy of the folder with these files.
project() {
  cp -r "$examples/$1" project
  shift
  local file
  for file; do cp "$examples/$file" project/; done
}

# build_project [SETTING...]: what no component needs is not to be found, whether it is here or not.
build_project() {
  local -a without=()
  local package
  for package in absl benchmark GTest nlohmann_json Protobuf Boost PkgConfig; do
    without+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON")
  done
  quietly cmake --no-warn-unused-cli -S project -B project/build -G Ninja -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_BUILD_TYPE=None -DCMAKE_PREFIX_PATH="$prefix" "${without[@]}" "$@"
  quietly cmake --build project/build
}

# says TEXT COMMAND...: that it succeeds and prints this, a pattern of the shell.
says() {
  local wanted=$1 status=0 output
  shift
  output=$("$@" 2>&1) || status=$?
  # shellcheck disable=SC2053
  [[ $status == 0 && $output == $wanted ]] || fail "$*: status $status, wanted '$wanted', said: $output"
}

# num_gc PERCENT PROGRAM: how many collections the quick start says it had.
num_gc() {
  GOGC=$1 "$2" | sed -n 's/^NumGC \([0-9]*\), .*/\1/p'
}

# The quick start, whichever way it was built: it collects, by GOGC, and writes a profile.
check_quick_start() {
  says 'NumGC *, HeapAlloc *.* MiB, the last value is 999999' "$1"
  zcat heap.pb.gz | grep -qa main || fail 'heap.pb.gz does not name main'
  [[ $(num_gc off "$1") == 0 ]] || fail "GOGC=off: $(num_gc off "$1") collections"
  (($(num_gc 50 "$1") > $(num_gc 400 "$1"))) || fail "GOGC=50: no more collections than GOGC=400"
}

# Every header that is installed can be read by itself, with nothing but the standard library, and warns of nothing.
check_headers() {
  (cd "$prefix/include" && find heapwise -name '*.h') | sed 's/.*/#include "&"\n#include "&"/' >headers.cc
  quietly "$cxx" -std=c++20 -I"$prefix/include" -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror \
    -fsyntax-only headers.cc
  # Without exceptions too, and an array is refused by name.
  for flag in -fno-exceptions -Wsign-conversion; do
    quietly "$cxx" -std=c++20 -I"$prefix/include" -Wall -Wextra -Werror "$flag" -fsyntax-only "$examples"/*.cc
  done
  echo 'auto array = heapwise::runtime::New<int[4]>();' >>headers.cc
  ! "$cxx" -std=c++20 -I"$prefix/include" -fsyntax-only headers.cc >log 2>&1 || fail 'New<int[4]> was compiled'
  grep -q 'MakeSlice<T>(n) makes n' log || fail "New<int[4]>: $(cat log)"
  if grep -rn '#include' "$prefix/include" | grep -v '#include <[a-z_]*>\|#include "heapwise/'; then
    fail 'a header includes what is neither of the standard library nor of ours'
  fi
}

case $way in
  find_package)
    install_heapwise
    check_headers
    project find_package quick_start.cc
    build_project
    check_quick_start project/build/quick_start
    # Another version, and a part that was not installed, are refused.
    sed -i 's/find_package(heapwise [0-9.]*/find_package(heapwise 0.99/' project/CMakeLists.txt
    ! cmake -S project -B project/build >log 2>&1 || fail 'version 0.99 was found'
    grep -q 'compatible with requested version "0.99"' log || fail "another version: $(cat log)"
    sed -i 's/find_package(heapwise 0.99/find_package(heapwise/; s/runtime pprof/runtime nothing/' project/CMakeLists.txt
    ! cmake -S project -B project/build >log 2>&1 || fail 'the component "nothing" was found'
    grep -q 'without the component nothing' log || fail "an unknown component: $(cat log)"
    ;;
  pkg_config)
    install_heapwise
    mv "$prefix" moved # what pkg-config says goes by where its file lies
    # The commands of the quick start on the page.
    cp "$examples/quick_start.cc" .
    command=$(sed -n 's/^\$ \(c++ .*pkg-config.*\)/\1/p' "$source_dir/heapwise/README.md")
    [[ -n $command ]] || fail 'heapwise/README.md names no command with pkg-config'
    c++() { "$cxx" "$@"; }
    export PKG_CONFIG_PATH
    PKG_CONFIG_PATH=$(echo moved/lib*/pkgconfig)
    eval "$command" || fail "$command"
    check_quick_start ./quick_start
    # The quick start on the page is the one that was compiled.
    sed -n '/^```cpp$/,/^```$/p' "$source_dir/heapwise/README.md" | sed '1d;/^```$/,$d' | diff - quick_start.cc ||
      fail 'the quick start in heapwise/README.md is not quick_start.cc'
    # So is what it printed there, but for how often it collected.
    shown=$(sed -n '/^\$ GOGC=50 /{n;p}' "$source_dir/heapwise/README.md")
    says "${shown/NumGC [0-9]/NumGC *}" env GOGC=50 ./quick_start
    # The runtime alone asks for neither libdw nor zlib.
    # shellcheck disable=SC2046
    quietly "$cxx" -std=c++20 "$examples/runtime_only.cc" $(PKG_CONFIG_LIBDIR=$PKG_CONFIG_PATH pkg-config --cflags --libs heapwise-runtime) \
      -o runtime_only
    says 'the last of 1000 is 999000' ./runtime_only
    if ldd runtime_only | grep 'libdw\|libz\|libgc\.'; then fail 'the runtime needs these'; fi
    ;;
  add_subdirectory)
    project add_subdirectory quick_start.cc
    mkdir project/third_party
    ln -s "$source_dir" project/third_party/heapwise
    build_project
    check_quick_start project/build/quick_start
    ;;
  fetch_content)
    project fetch_content runtime_only.cc
    build_project -DFETCHCONTENT_SOURCE_DIR_HEAPWISE="$source_dir" -DCMAKE_DISABLE_FIND_PACKAGE_{ZLIB,Libdw}=ON
    says 'the last of 1000 is 999000' project/build/runtime_only
    ;;
  shared_library)
    install_heapwise
    project shared_library
    build_project
    says '1000000 words, the last is 999999' project/build/count_words
    # Into a process that has started long ago.
    says '2' python3 -c 'import ctypes
words = ctypes.CDLL("project/build/libwords.so")
words.AddWord(b"a")
print(words.AddWord(b"b"))'
    ;;
  *)
    fail "$way: no such way"
    ;;
esac

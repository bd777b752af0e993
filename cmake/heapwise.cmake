# What all of our own code shares. Dependencies' headers are system headers: their warnings are not ours.
include(GoogleTest)

add_library(heapwise_options INTERFACE)
target_compile_options(heapwise_options INTERFACE -Wall -Wextra -Wconversion -Wshadow)
# g++ counts a change of sign to -Wsign-conversion alone.
target_compile_options(heapwise_options INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)
target_include_directories(heapwise_options INTERFACE ${PROJECT_SOURCE_DIR})

# heapwise_add_library(NAME SOURCES... [LINK libs...]): a static library of our own code.
function(heapwise_add_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC heapwise_options ${ARG_LINK})
endfunction()

# heapwise_compile_together(NAME...): several files of a target at a time, so that what they instantiate of matchers and
# JSON is compiled once for all of them. Their anonymous namespaces are then one.
function(heapwise_compile_together)
  set_target_properties(${ARGN} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 5)
endfunction()

# heapwise_add_test(NAME SOURCES... [UNOPTIMISED] [LINK libs...]): a GoogleTest program; each of its tests is one of
# ctest's. UNOPTIMISED: takes the optimiser longer than it takes to run.
function(heapwise_add_test name)
  cmake_parse_arguments(ARG "UNOPTIMISED" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  # Line numbers are what a failed test needs; GoogleTest's types as debug information cost a third of the build.
  target_compile_options(${name} PRIVATE -g1)
  target_link_libraries(${name} PRIVATE heapwise_options ${ARG_LINK} heapwise_testing GTest::gtest GTest::gmock GTest::gtest_main)
  # A precompiled header is of one set of flags.
  if(ARG_UNOPTIMISED)
    target_compile_options(${name} PRIVATE -O0)
    target_precompile_headers(${name} REUSE_FROM heapwise_test_headers_unoptimised)
  else()
    target_precompile_headers(${name} REUSE_FROM heapwise_test_headers)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120)
endfunction()

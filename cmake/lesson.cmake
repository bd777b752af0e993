# heapwise_lesson(DIR): everything a lesson builds, from the files that every lesson has. A lesson needs no
# CMake of its own; a file of its own beside the fixed set (say, workload.cc) is compiled into all of it.
function(heapwise_lesson dir)
  cmake_path(GET dir FILENAME name)
  foreach(file README.md lesson.json slow.cc fast.cc bench.cc test.cc exercise.cc exercise_solution.cc)
    if(NOT EXISTS ${dir}/${file})
      message(FATAL_ERROR "lessons/${name}: ${file} is missing; every lesson has it (CONTRIBUTING.md)")
    endif()
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cc)
  set(special ${dir}/bench.cc ${dir}/test.cc ${dir}/exercise.cc ${dir}/exercise_solution.cc)
  list(REMOVE_ITEM sources ${special})

  # slow.cc, fast.cc and what the lesson adds, compiled once for all three programs below.
  add_library(${name}_code OBJECT ${sources})
  target_link_libraries(${name}_code PUBLIC heapwise_options heapwise_runtime)

  add_executable(${name} ${dir}/bench.cc)
  # A lesson that profiles itself reads all the debug information of its program: for what is not the lesson's point,
  # functions and lines alone.
  target_compile_options(${name} PRIVATE -g1)
  target_link_libraries(${name} PRIVATE ${name}_code heapwise_harness)
  # A lesson that draws heap profiles is linked with the profiler; the others need not pay for it.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${dir}/lesson.json)
  file(STRINGS ${dir}/lesson.json icicles REGEX "\"icicle\"")
  if(icicles)
    target_link_libraries(${name}_code PUBLIC heapwise_pprof_http heapwise_http_client heapwise_profile_reader)
    target_link_libraries(${name} PRIVATE heapwise_profiling)
  endif()

  heapwise_add_test(${name}_test ${dir}/test.cc ${dir}/exercise_solution.cc
                    LINK ${name}_code heapwise_counting)
  # What a page shows is run by its test: the lesson's program, and `heapwise escapes` on its files.
  add_dependencies(${name}_test heapwise ${name})
  if(icicles)
    add_dependencies(${name}_test service load)  # which such a page profiles
  endif()

  # The student's own file under the same tests: `make check LESSON=...` builds and runs it. It is not part
  # of the build, so that a half-done exercise never stands in the way of a measurement.
  add_executable(${name}_exercise EXCLUDE_FROM_ALL ${dir}/test.cc ${dir}/exercise.cc)
  target_compile_options(${name}_exercise PRIVATE -Wno-conversion -Wno-shadow)  # a student is told of bugs first
  target_link_libraries(${name}_exercise PRIVATE ${name}_code heapwise_counting heapwise_testing GTest::gtest GTest::gmock GTest::gtest_main)
endfunction()

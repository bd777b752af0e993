# The shell scripts behind the Makefile, in made-up surroundings.
add_test(NAME setup COMMAND ${CMAKE_SOURCE_DIR}/scripts/setup_test.sh)
add_test(NAME measure COMMAND ${CMAKE_SOURCE_DIR}/scripts/measure_test.sh)

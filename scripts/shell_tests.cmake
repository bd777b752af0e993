# The shell scripts behind the Makefile, in made-up surroundings.
foreach(name setup build make measure lint)
  add_test(NAME ${name} COMMAND ${CMAKE_SOURCE_DIR}/scripts/${name}_test.sh)
endforeach()

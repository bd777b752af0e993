# The library as others use it: in their build (add_subdirectory), or installed (find_package, pkg-config).
include(GNUInstallDirs)

# heapwise_add_component(NAME SOURCES... COMPONENT component EXPORT name HEADERS files... [PUBLIC libs...] [PRIVATE libs...]):
# a static library that programs know as heapwise::name, with the headers that they may include. It may go into a shared
# library; its thread-local variables are where a thread finds them without a call all the same.
function(heapwise_add_component name)
  cmake_parse_arguments(ARG "" "COMPONENT;EXPORT" "HEADERS;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  add_library(heapwise::${ARG_EXPORT} ALIAS ${name})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS})
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_compile_options(${name} PRIVATE -fno-semantic-interposition -ftls-model=initial-exec)
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${ARG_EXPORT} POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${name} PUBLIC ${ARG_PUBLIC} PRIVATE $<BUILD_INTERFACE:heapwise_options> ${ARG_PRIVATE})
  if(HEAPWISE_INSTALL)
    install(TARGETS ${name} EXPORT heapwise-${ARG_COMPONENT}
            ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  endif()
endfunction()

# heapwise_install_component(COMPONENT): what find_package and pkg-config read of it.
function(heapwise_install_component component)
  if(NOT HEAPWISE_INSTALL)
    return()
  endif()
  set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/heapwise)
  install(EXPORT heapwise-${component} NAMESPACE heapwise:: DESTINATION ${package_dir})
  set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  # From where the file lies, so that the whole may be moved.
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_INCLUDEDIR BASE_DIRECTORY ${pkgconfig_dir} OUTPUT_VARIABLE to_includes)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/heapwise-${component}.pc.in heapwise-${component}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/heapwise-${component}.pc DESTINATION ${pkgconfig_dir})
endfunction()

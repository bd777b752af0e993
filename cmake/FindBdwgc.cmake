# bdwgc, the collector: its headers, and the target Bdwgc::Bdwgc. With Bdwgc_VERSION.
#
# The archive, not the shared library: calls within that are bound by the dynamic linker when they are first made, in
# the middle of a collection, and it saves the vector registers on the stack for it. They hold addresses of the heap
# there, which bdwgc finds and takes for pointers: a fifth of 100 dropped objects of 1 MiB outlived a collection.
#
# Debian's archive is for programs: what is to go into a shared library of yours is linked with the shared one, for which
# LD_BIND_NOW=1 in the environment has the same effect. Whoever has an archive that was compiled with -fPIC names it
# in Bdwgc_FOR_SHARED_LIBRARIES.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(Bdwgc_PC QUIET bdw-gc)
endif()
find_path(Bdwgc_INCLUDE_DIR gc/gc.h HINTS ${Bdwgc_PC_INCLUDEDIR})
find_library(Bdwgc_ARCHIVE libgc.a HINTS ${Bdwgc_PC_LIBDIR} ${Bdwgc_PC_LIBRARY_DIRS})
find_library(Bdwgc_FOR_SHARED_LIBRARIES gc HINTS ${Bdwgc_PC_LIBDIR} ${Bdwgc_PC_LIBRARY_DIRS})
mark_as_advanced(Bdwgc_INCLUDE_DIR Bdwgc_ARCHIVE Bdwgc_FOR_SHARED_LIBRARIES)

if(Bdwgc_INCLUDE_DIR AND EXISTS ${Bdwgc_INCLUDE_DIR}/gc/gc_version.h)
  set(Bdwgc_VERSION)
  foreach(part IN ITEMS MAJOR MINOR MICRO)
    file(STRINGS ${Bdwgc_INCLUDE_DIR}/gc/gc_version.h line REGEX "define GC_TMP_VERSION_${part} ")
    string(REGEX MATCH "[0-9]+" number "${line}")
    list(APPEND Bdwgc_VERSION ${number})
  endforeach()
  list(JOIN Bdwgc_VERSION "." Bdwgc_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Bdwgc
  REQUIRED_VARS Bdwgc_ARCHIVE Bdwgc_INCLUDE_DIR VERSION_VAR Bdwgc_VERSION
  REASON_FAILURE_MESSAGE "Debian's package is libgc-dev")

if(Bdwgc_FOUND AND NOT TARGET Bdwgc::Bdwgc)
  find_package(Threads REQUIRED)
  add_library(Bdwgc::Bdwgc INTERFACE IMPORTED)
  target_include_directories(Bdwgc::Bdwgc INTERFACE ${Bdwgc_INCLUDE_DIR})
  set(shared "$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>,$<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>")
  target_link_libraries(Bdwgc::Bdwgc INTERFACE
    "$<IF:$<OR:${shared}>,${Bdwgc_FOR_SHARED_LIBRARIES},${Bdwgc_ARCHIVE}>" Threads::Threads ${CMAKE_DL_LIBS})
endif()

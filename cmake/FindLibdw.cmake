# libdw of elfutils, which reads debug information: the target Libdw::Libdw.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(Libdw_PC QUIET libdw)
endif()
find_path(Libdw_INCLUDE_DIR elfutils/libdwfl.h HINTS ${Libdw_PC_INCLUDEDIR})
find_library(Libdw_LIBRARY dw HINTS ${Libdw_PC_LIBDIR} ${Libdw_PC_LIBRARY_DIRS})
mark_as_advanced(Libdw_INCLUDE_DIR Libdw_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libdw
  REQUIRED_VARS Libdw_LIBRARY Libdw_INCLUDE_DIR REASON_FAILURE_MESSAGE "Debian's package is libdw-dev")

if(Libdw_FOUND AND NOT TARGET Libdw::Libdw)
  add_library(Libdw::Libdw UNKNOWN IMPORTED)
  set_target_properties(Libdw::Libdw PROPERTIES
    IMPORTED_LOCATION ${Libdw_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${Libdw_INCLUDE_DIR})
endif()

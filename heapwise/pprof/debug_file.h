#ifndef HEAPWISE_PPROF_DEBUG_FILE_H_
#define HEAPWISE_PPROF_DEBUG_FILE_H_

#include <elfutils/libdwfl.h>

namespace heapwise::pprof::internal {

// What libdwfl calls to find debug information that lies in a file of its own: by the build id below /usr/lib/debug, or
// by the name that .gnu_debuglink gives, beside the file, in .debug/ there, and below /usr/lib/debug, as GDB looks for
// it. dwfl_standard_find_debuginfo does the same, and then asks servers on the network where DEBUGINFOD_URLS is set: a
// profile must not wait for those.
int FindDebugFile(Dwfl_Module* module, void** user_data, const char* module_name, Dwarf_Addr base,
                  const char* file, const char* debuglink, GElf_Word crc, char** debug_file);

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_DEBUG_FILE_H_

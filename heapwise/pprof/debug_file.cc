#include "heapwise/pprof/debug_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

namespace heapwise::pprof::internal {
namespace {

// Whether the file has the checksum that the link asks for: it may be of another build.
bool HasChecksum(int fd, GElf_Word expected) {
  uLong crc = crc32(0, nullptr, 0);
  std::vector<Bytef> part(size_t{1} << 16);
  ssize_t length = 0;
  for (off_t at = 0; (length = pread(fd, part.data(), part.size(), at)) > 0; at += length) {
    crc = crc32(crc, part.data(), static_cast<uInt>(length));
  }
  return length == 0 && crc == expected;
}

}  // namespace

int FindDebugFile(Dwfl_Module* module, void** user_data, const char* module_name, Dwarf_Addr base,
                  const char* file, const char* debuglink, GElf_Word crc, char** debug_file) {
  const int found = dwfl_build_id_find_debuginfo(module, user_data, module_name, base, file,
                                                 debuglink, crc, debug_file);
  // A link without a checksum is that to a file which dwz shares between others: libdw follows it.
  if (found >= 0 || file == nullptr || debuglink == nullptr || crc == 0) return found;
  std::error_code error;
  const std::filesystem::path directory = std::filesystem::canonical(file, error).parent_path();
  if (error) return -1;
  for (const std::filesystem::path& place :
       {directory, directory / ".debug", "/usr/lib/debug" / directory.relative_path()}) {
    const std::filesystem::path path = place / debuglink;
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    if (HasChecksum(fd, crc)) {
      *debug_file = strdup(path.c_str());  // libdwfl frees it
      return fd;
    }
    close(fd);
  }
  return -1;
}

}  // namespace heapwise::pprof::internal

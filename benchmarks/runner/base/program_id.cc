#include "benchmarks/runner/base/program_id.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <libelf.h>
#include <unistd.h>

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/files.h"

namespace heapwise::runner {
namespace {

// Empty where the file is no ELF file or has no such note.
std::string BuildId(const std::filesystem::path& program) {
  elf_version(EV_CURRENT);
  const int fd = open(program.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return "";
  std::string id;
  if (Elf* const elf = elf_begin(fd, ELF_C_READ_MMAP, nullptr)) {
    const void* bytes = nullptr;
    const ssize_t size = dwelf_elf_gnu_build_id(elf, &bytes);
    if (size > 0) id.assign(static_cast<const char*>(bytes), static_cast<size_t>(size));
    elf_end(elf);
  }
  close(fd);
  return absl::BytesToHexString(id);
}

// Fowler, Noll, Vo: FNV-1a, 64 bits.
uint64_t Hash(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

}  // namespace

std::string ProgramId(const std::filesystem::path& program) {
  const std::string id = BuildId(program);
  if (!id.empty()) return id;
  const absl::StatusOr<std::string> content = ReadFile(program);
  return content.ok() ? absl::StrFormat("fnv1a-%016x", Hash(*content)) : "";
}

}  // namespace heapwise::runner

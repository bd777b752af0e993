#include "heapwise/pprof/symbolizer.h"

#include <dlfcn.h>
#include <elfutils/libdwfl.h>
#include <link.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "heapwise/base/signals.h"
#include "heapwise/gc/collector.h"
#include "heapwise/pprof/debug_file.h"
#include "heapwise/pprof/debug_info.h"

namespace heapwise::pprof::internal {
namespace {

// Stacks and what the system tells of its files are numbers.
void* Pointer(uintptr_t address) {
  return reinterpret_cast<void*>(address);  // NOLINT(performance-no-int-to-ptr)
}

std::string OrEmpty(const char* text) { return text == nullptr ? "" : text; }

// The file in the process that holds an address, by its place in memory; null where none does.
const void* FileOf(uintptr_t address) {
  Dl_info info;
  return dladdr(Pointer(address), &info) != 0 ? info.dli_fbase : nullptr;
}

// One for the process, never destroyed: a profile may be written while static objects are.
class Symbolizer {
 public:
  const std::vector<Frame>& Lookup(uintptr_t address) {
    std::lock_guard lock(mutex_);
    const auto [place, is_new] = cache_.try_emplace(address);
    if (is_new) place->second = Find(address);
    return place->second;
  }

  // Around a fork: a lookup that is under way comes to its end first, so that the child finds the tables in one piece.
  void HoldForFork() { mutex_.lock(); }
  void ReleaseAfterFork() { mutex_.unlock(); }

  bool IsInProgram(uintptr_t address) const { return FileOf(address) == program_; }

  // Every stack begins in the C library, whose debug information may be installed.
  bool IsInLibc(uintptr_t address) const { return FileOf(address) == libc_; }

 private:
  std::vector<Frame> Find(uintptr_t address) {
    ReportModules();
    std::vector<Frame> frames;
    if (Dwfl_Module* const module = dwfl_addrmodule(dwfl_, address)) {
      GElf_Off offset = 0;
      GElf_Sym symbol;
      const char* const name =
          dwfl_module_addrinfo(module, address, &offset, &symbol, nullptr, nullptr, nullptr);
      const auto [info, is_new] = debug_info_.try_emplace(module);
      if (is_new) info->second = std::make_unique<DebugInfo>(module);
      frames = info->second->Find(address, name, address - offset);
      if (frames.empty() && name != nullptr) frames.emplace_back().function = name;
      for (Frame& frame : frames) frame.offset = offset;
    }
    Dl_info info;
    if (frames.empty() && dladdr(Pointer(address), &info) != 0 && info.dli_sname != nullptr) {
      Frame& frame = frames.emplace_back();
      frame.function = info.dli_sname;
      frame.offset = address - reinterpret_cast<uintptr_t>(info.dli_saddr);
    }
    return frames;
  }

  // Tells libdw of the libraries in the process, when there are new ones.
  void ReportModules() {
    unsigned long long loaded = 0;
    dl_iterate_phdr(
        [](dl_phdr_info* info, size_t, void* result) {
          *static_cast<unsigned long long*>(result) = info->dlpi_adds + info->dlpi_subs;
          return 1;
        },
        &loaded);
    if (dwfl_ != nullptr && loaded == loaded_) return;
    loaded_ = loaded;
    static constexpr Dwfl_Callbacks kCallbacks = {.find_elf = dwfl_linux_proc_find_elf,
                                                  .find_debuginfo = FindDebugFile,
                                                  .section_address = nullptr,
                                                  .debuginfo_path = nullptr};
    if (dwfl_ == nullptr) dwfl_ = dwfl_begin(&kCallbacks);
    dwfl_report_begin(dwfl_);
    dwfl_linux_proc_report(dwfl_, getpid());
    dwfl_report_end(
        dwfl_,
        [](Dwfl_Module* module, void*, const char*, Dwarf_Addr, void* self) {
          static_cast<Symbolizer*>(self)->debug_info_.erase(module);
          return 0;
        },
        this);
  }

  const void* const program_ = FileOf(getauxval(AT_ENTRY));
  const void* const libc_ =
      FileOf(reinterpret_cast<uintptr_t>(dlsym(RTLD_DEFAULT, "gnu_get_libc_version")));
  std::mutex mutex_;
  std::unordered_map<uintptr_t, std::vector<Frame>> cache_;
  std::unordered_map<Dwfl_Module*, std::unique_ptr<DebugInfo>> debug_info_;
  Dwfl* dwfl_ = nullptr;
  unsigned long long loaded_ = 0;
};

Symbolizer& TheSymbolizer() {
  static auto* const symbolizer = [] {
    runtime::internal::InitCollector();  // whose locks come after this one at a fork (gc/LOCKS.md)
    auto* const made = new Symbolizer;
    const auto release = [] { TheSymbolizer().ReleaseAfterFork(); };
    const auto hold = [] {
      runtime::internal::OpenCollectorSignalsForFork();
      TheSymbolizer().HoldForFork();
    };
    pthread_atfork(hold, release, release);
    return made;
  }();
  return *symbolizer;
}

// While there is one thread: the child of a fork would wait for a thread that it does not have, had that been in the
// middle of making it.
const bool made_before_main = (TheSymbolizer(), true);

// The build id among an object's notes ("GNU", type 3).
std::string BuildId(const dl_phdr_info& info) {
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info.dlpi_phdr[i];
    if (header.p_type != PT_NOTE) continue;
    const auto* at = static_cast<const char*>(Pointer(info.dlpi_addr + header.p_vaddr));
    const char* const end = at + header.p_memsz;
    const size_t alignment = header.p_align == 8 ? 8 : 4;
    const auto padded = [alignment](size_t n) { return (n + alignment - 1) & ~(alignment - 1); };
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      const auto* const note = reinterpret_cast<const ElfW(Nhdr)*>(at);
      const char* const name = at + sizeof *note;
      // The description is aligned from the beginning of the note.
      const char* const text = at + padded(sizeof *note + note->n_namesz);
      if (note->n_type == NT_GNU_BUILD_ID &&
          std::string_view(name, note->n_namesz) == std::string_view("GNU\0", sizeof "GNU")) {
        std::string hex;
        for (size_t j = 0; j < note->n_descsz; ++j) {
          char digits[3];
          std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(text[j]));
          hex += digits;
        }
        return hex;
      }
      at = text + padded(note->n_descsz);
    }
  }
  return "";
}

// Whether what a call without a name allocates is shown as its caller's: so it is for what a library hides, if further
// out there is something to show, which belongs to the program or has a line.
bool IsPassedOver(std::span<const Call> calls, size_t i) {
  if (FileOf(calls[i].address) == nullptr || TheSymbolizer().IsInProgram(calls[i].address))
    return false;
  return std::ranges::any_of(calls.subspan(i + 1), [](const Call& call) {
    const bool has_line = std::ranges::any_of(call.frames, [](const Frame& frame) {
      return frame.line != 0 && !IsAllocator(frame.function);
    });
    return TheSymbolizer().IsInProgram(call.address) ||
           (has_line && !TheSymbolizer().IsInLibc(call.address));
  });
}

}  // namespace

const std::vector<Frame>& Symbolize(uintptr_t address) { return TheSymbolizer().Lookup(address); }

bool IsAllocator(std::string_view function) {
  const auto begins_with_one_of = [&function](std::initializer_list<std::string_view> beginnings) {
    return std::ranges::any_of(beginnings, [&function](std::string_view beginning) {
      return function.starts_with(beginning);
    });
  };
  if (!function.starts_with("_Z")) {
    return begins_with_one_of({"std::", "__gnu_cxx::", "heapwise::runtime::",
                               "heapwise::pprof::internal::", "operator new"});
  }
  function.remove_prefix(2);
  if (begins_with_one_of({"nw", "na"})) return true;  // operator new, new[]
  // Nesting, qualifiers and the function that a lambda is in come before the name.
  function.remove_prefix(std::min(function.find_first_not_of("ZNKVRO"), function.size()));
  return begins_with_one_of({"St", "Sa", "Sb", "Ss", "Si", "So", "Sd",  // std and its abbreviations
                             "9__gnu_cxx", "8heapwise7runtime", "8heapwise5pprof8internal"});
}

std::vector<Call> VisibleCalls(const std::vector<uintptr_t>& stack) {
  std::vector<Call> all;
  for (const uintptr_t return_address : stack) {
    const uintptr_t address = return_address - 1;
    all.push_back({address, Symbolize(address)});
  }
  std::vector<Call> visible;
  for (size_t i = 0; i < all.size(); ++i) {
    auto [address, frames] = all[i];
    if (visible.empty()) {
      if (frames.empty() && IsPassedOver(all, i)) continue;
      const bool has_name = !frames.empty();
      while (!frames.empty() && IsAllocator(frames.front().function)) frames = frames.subspan(1);
      if (has_name && frames.empty()) continue;
    }
    visible.push_back({address, frames});
  }
  return visible.empty() ? all : visible;
}

std::vector<Segment> ExecutableSegments() {
  std::vector<Segment> segments;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* result) {
        auto& all = *static_cast<std::vector<Segment>*>(result);
        std::string file = OrEmpty(info->dlpi_name);
        if (file.empty() && all.empty()) {
          char path[4096];
          const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
          if (length > 0) file.assign(path, static_cast<size_t>(length));
        }
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const ElfW(Phdr)& header = info->dlpi_phdr[i];
          if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
          const uintptr_t start = info->dlpi_addr + header.p_vaddr;
          all.push_back({start, start + header.p_memsz, header.p_offset, file, BuildId(*info)});
        }
        return 0;
      },
      &segments);
  return segments;
}

}  // namespace heapwise::pprof::internal

#include "runtime/pprof/symbolizer.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace heapwise::pprof::internal {
namespace {

std::string OrEmpty(const char* text) { return text == nullptr ? "" : text; }

struct FreeScopes {
  void operator()(Dwarf_Die* scopes) const { std::free(scopes); }
};
using Scopes = std::unique_ptr<Dwarf_Die[], FreeScopes>;

// The entry that a function was first declared by: its namespaces and classes are around that one.
Dwarf_Die Declaration(Dwarf_Die function) {
  Dwarf_Attribute attribute;
  Dwarf_Die earlier;
  for (const unsigned reference : {DW_AT_abstract_origin, DW_AT_specification}) {
    while (dwarf_attr(&function, reference, &attribute) != nullptr &&
           dwarf_formref_die(&attribute, &earlier) != nullptr) {
      function = earlier;
    }
  }
  return function;
}

// `a::B::f`, for what has no name for the linker.
std::string QualifiedName(Dwarf_Die function) {
  Dwarf_Die declaration = Declaration(function);
  std::string name = OrEmpty(dwarf_diename(&declaration));
  Dwarf_Die* found = nullptr;
  const int count = dwarf_getscopes_die(&declaration, &found);
  const Scopes scopes(found);
  for (int i = 1; i < count; ++i) {
    const char* const scope = dwarf_diename(&scopes[i]);
    switch (dwarf_tag(&scopes[i])) {
      case DW_TAG_namespace:
        name.insert(0, (scope == nullptr ? "(anonymous namespace)" : std::string(scope)) + "::");
        break;
      case DW_TAG_class_type:
      case DW_TAG_structure_type:
      case DW_TAG_union_type:
      case DW_TAG_subprogram:
        name.insert(0, (scope == nullptr ? "(unnamed)" : std::string(scope)) + "::");
        break;
      default:
        break;
    }
  }
  return name;
}

// The mangled name where there is one. GCC's debug information has none for functions of internal
// linkage; then `symbol`, which may be null, is that of the function which is not inlined.
std::string FunctionName(Dwarf_Die* function, const char* symbol) {
  Dwarf_Attribute attribute;
  if (dwarf_attr_integrate(function, DW_AT_linkage_name, &attribute) != nullptr) {
    return OrEmpty(dwarf_formstring(&attribute));
  }
  if (symbol != nullptr && dwarf_tag(function) == DW_TAG_subprogram) {
    // Without what marks a clone, a part or a version: f.isra.0, f.cold, f@@LIB_2.
    const std::string_view name(symbol);
    return std::string(name.substr(0, name.find_first_of(".@")));
  }
  return QualifiedName(*function);
}

// A number that the entry itself has; 0 where it has none.
Dwarf_Word Number(Dwarf_Die* die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_attr(die, name, &attribute) != nullptr) dwarf_formudata(&attribute, &value);
  return value;
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

 private:
  std::vector<Frame> Find(uintptr_t address) {
    ReportModules();
    std::vector<Frame> frames;
    if (Dwfl_Module* const module = dwfl_addrmodule(dwfl_, address)) {
      GElf_Off offset = 0;
      GElf_Sym symbol;
      const char* const name =
          dwfl_module_addrinfo(module, address, &offset, &symbol, nullptr, nullptr, nullptr);
      frames = FromDebugInfo(module, address, name);
      if (frames.empty() && name != nullptr) frames.emplace_back().function = name;
      for (Frame& frame : frames) frame.offset = offset;
    }
    Dl_info info;
    if (frames.empty() && dladdr(reinterpret_cast<void*>(address), &info) != 0 &&
        info.dli_sname != nullptr) {
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
    // Debug information of its own file only: the standard search may ask servers on the network.
    static constexpr Dwfl_Callbacks kCallbacks = {.find_elf = dwfl_linux_proc_find_elf,
                                                  .find_debuginfo = dwfl_build_id_find_debuginfo,
                                                  .section_address = nullptr,
                                                  .debuginfo_path = nullptr};
    if (dwfl_ == nullptr) dwfl_ = dwfl_begin(&kCallbacks);
    dwfl_report_begin(dwfl_);
    dwfl_linux_proc_report(dwfl_, getpid());
    dwfl_report_end(dwfl_, nullptr, nullptr);
  }

  static Dwarf_Die* UnitOf(Dwfl_Module* module, Dwarf_Addr address, Dwarf_Addr* bias) {
    if (Dwarf_Die* const unit = dwfl_module_addrdie(module, address, bias)) return unit;
    // clang writes no table of addresses (.debug_aranges).
    Dwarf_Die* unit = nullptr;
    while ((unit = dwfl_module_nextcu(module, unit, bias)) != nullptr) {
      if (dwarf_haspc(unit, address - *bias) > 0) return unit;
    }
    return nullptr;
  }

  static std::vector<Frame> FromDebugInfo(Dwfl_Module* module, Dwarf_Addr address,
                                          const char* symbol) {
    Dwarf_Addr bias = 0;
    Dwarf_Die* const unit = UnitOf(module, address, &bias);
    if (unit == nullptr) return {};
    const Dwarf_Addr pc = address - bias;

    // The scopes around the address, then the same by nesting: the first call goes on from an
    // inlined function to where that was written, the second to where it was inlined.
    Dwarf_Die* found = nullptr;
    if (dwarf_getscopes(unit, pc, &found) <= 0) return {};
    Scopes scopes(found);
    Dwarf_Die innermost = scopes[0];
    found = nullptr;
    const int count = dwarf_getscopes_die(&innermost, &found);
    if (count <= 0) return {};
    scopes.reset(found);

    std::string file;
    int line = 0;
    if (Dwarf_Line* const source = dwarf_getsrc_die(unit, pc)) {
      file = OrEmpty(dwarf_linesrc(source, nullptr, nullptr));
      dwarf_lineno(source, &line);
    }
    Dwarf_Files* files = nullptr;
    size_t file_count = 0;
    dwarf_getsrcfiles(unit, &files, &file_count);

    std::vector<Frame> frames;
    for (int i = 0; i < count; ++i) {
      Dwarf_Die* const scope = &scopes[i];
      const int tag = dwarf_tag(scope);
      if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram) continue;
      Frame frame{.function = FunctionName(scope, symbol), .file = file, .line = line};
      Dwarf_Attribute declared;
      Dwarf_Word start_line = 0;
      if (dwarf_attr_integrate(scope, DW_AT_decl_line, &declared) != nullptr &&
          dwarf_formudata(&declared, &start_line) == 0) {
        frame.start_line = static_cast<int>(start_line);
      }
      frames.push_back(std::move(frame));
      if (tag == DW_TAG_subprogram) break;
      line = static_cast<int>(Number(scope, DW_AT_call_line));
      const Dwarf_Word index = Number(scope, DW_AT_call_file);
      file = files != nullptr && index < file_count
                 ? OrEmpty(dwarf_filesrc(files, index, nullptr, nullptr))
                 : "";
    }
    return frames;
  }

  std::mutex mutex_;
  std::unordered_map<uintptr_t, std::vector<Frame>> cache_;
  Dwfl* dwfl_ = nullptr;
  unsigned long long loaded_ = 0;
};

Symbolizer& TheSymbolizer() {
  static auto* const symbolizer = new Symbolizer;
  return *symbolizer;
}

// The build id among an object's notes ("GNU", type 3).
std::string BuildId(const dl_phdr_info& info) {
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info.dlpi_phdr[i];
    if (header.p_type != PT_NOTE) continue;
    const auto* at = reinterpret_cast<const char*>(info.dlpi_addr + header.p_vaddr);
    const char* const end = at + header.p_memsz;
    const size_t alignment = header.p_align == 8 ? 8 : 4;
    const auto padded = [alignment](size_t n) { return (n + alignment - 1) & ~(alignment - 1); };
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      const auto* const note = reinterpret_cast<const ElfW(Nhdr)*>(at);
      const char* const name = at + sizeof *note;
      // The description is aligned from the beginning of the note.
      const char* const text = at + padded(sizeof *note + note->n_namesz);
      if (note->n_type == NT_GNU_BUILD_ID &&
          std::string_view(name, note->n_namesz) == std::string_view("GNU", 4)) {
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
  std::vector<Call> visible;
  for (const uintptr_t return_address : stack) {
    const uintptr_t address = return_address - 1;
    std::span<const Frame> frames = Symbolize(address);
    all.push_back({address, frames});
    if (visible.empty() && !frames.empty()) {
      while (!frames.empty() && IsAllocator(frames.front().function)) frames = frames.subspan(1);
      if (frames.empty()) continue;
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

std::string Demangle(const std::string& function) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(function.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : function;
}

}  // namespace heapwise::pprof::internal

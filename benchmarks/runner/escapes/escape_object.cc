#include "benchmarks/runner/escapes/escape_object.h"

#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

// What GCC and clang call a lambda's class.
bool IsClosure(std::string_view name) { return name.empty() || name.starts_with("<lambda"); }

std::string BaseName(std::string_view symbol) {
  return std::string(symbol.substr(0, symbol.find('.')));
}

std::optional<AllocationFunction> FindLibraryFunction(std::string_view symbol) {
  // Constant members allocate nothing, but for substr.
  constexpr std::string_view kString = "_ZNSt7__cxx1112basic_stringI";
  constexpr std::string_view kConstString = "_ZNKSt7__cxx1112basic_stringI";
  if (symbol.starts_with(kConstString) && symbol.find("6substrE") != symbol.npos) {
    return AllocationFunction{"std::string", true};
  }
  if (symbol.starts_with(kString)) {
    for (const std::string_view harmless :
         {"D1Ev", "D2Ev", "_M_dispose", "_M_destroy", "_M_erase", "5clear", "4swap",
          "_M_set_length", "_S_copy", "_M_leak", "_M_data"}) {
      if (symbol.find(harmless) != symbol.npos) return std::nullopt;
    }
    return AllocationFunction{"std::string", true};
  }
  struct Known {
    std::string_view prefix;
    std::string_view what;
  };
  // Types whose functions are compiled into the library, and functions of it.
  static constexpr auto kKnown = std::to_array<Known>({
      {"_ZNSt7__cxx1119basic_ostringstreamI", "std::ostringstream"},
      {"_ZNKSt7__cxx1119basic_ostringstreamI", "std::ostringstream"},
      {"_ZNSt7__cxx1119basic_istringstreamI", "std::istringstream"},
      {"_ZNSt7__cxx1118basic_stringstreamI", "std::stringstream"},
      {"_ZNKSt7__cxx1118basic_stringstreamI", "std::stringstream"},
      {"_ZNSt7__cxx1115basic_stringbufI", "std::stringbuf"},
      {"_ZNKSt7__cxx1115basic_stringbufI", "std::stringbuf"},
      {"_ZNKSt7__cxx1115basic_stringbufI", "std::stringbuf"},
      {"_ZNSt14basic_ofstreamI", "std::ofstream"},
      {"_ZNSt14basic_ifstreamI", "std::ifstream"},
      {"_ZNSt13basic_fstreamI", "std::fstream"},
      {"_ZNSt13basic_filebufI", "std::filebuf"},
      {"_ZNSt10filesystem", "std::filesystem"},
      {"_ZNKSt10filesystem", "std::filesystem"},
      {"_ZSt7getlineI", "std::getline"},
      {"_ZStrsIcSt11char_traitsIcESaIcEERSt13basic_istream", "std::operator>>"},
      {"_ZNSt6localeC", "std::locale"},
      {"_ZNSt8ios_base15sync_with_stdioEb", "std::ios_base::sync_with_stdio"},
      {"_ZNSt6thread15_M_start_thread", "std::thread"},
      {"_ZNSt13random_device7_M_init", "std::random_device"},
      {"_ZNSt3pmr", "std::pmr"},
      {"_ZNSt11logic_errorC", "std::logic_error"},
      {"_ZNSt12domain_errorC", "std::domain_error"},
      {"_ZNSt16invalid_argumentC", "std::invalid_argument"},
      {"_ZNSt12length_errorC", "std::length_error"},
      {"_ZNSt12out_of_rangeC", "std::out_of_range"},
      {"_ZNSt13runtime_errorC", "std::runtime_error"},
      {"_ZNSt11range_errorC", "std::range_error"},
      {"_ZNSt14overflow_errorC", "std::overflow_error"},
      {"_ZNSt15underflow_errorC", "std::underflow_error"},
  });
  for (const Known& known : kKnown) {
    if (!symbol.starts_with(known.prefix)) continue;
    const bool destructor =
        symbol.ends_with("D0Ev") || symbol.ends_with("D1Ev") || symbol.ends_with("D2Ev");
    if (destructor) return std::nullopt;
    return AllocationFunction{std::string(known.what), true};
  }
  return std::nullopt;
}

struct DwflDeleter {
  void operator()(Dwfl* dwfl) const { dwfl_end(dwfl); }
};

// Everything is in the object itself.
int NoOtherDebugInfo(Dwfl_Module*, void**, const char*, Dwarf_Addr, const char*, const char*,
                     GElf_Word, char**) {
  return -1;
}

// The names, ranges and lines of one object.
class DebugInfo {
 public:
  explicit DebugInfo(Dwarf* dwarf) : dwarf_(dwarf) {
    Dwarf_CU* unit = nullptr;
    Dwarf_Die die;
    uint8_t type;
    while (dwarf_get_units(dwarf_, unit, &unit, nullptr, &type, &die, nullptr) == 0) {
      if (type != DW_UT_compile) continue;
      if (compiler_.empty()) compiler_ = Compiler(die);
      Index(die, 0, units_.size());
      units_.push_back(die);
    }
  }

  const std::string& compiler() const { return compiler_; }

  // The frames at the call whose instruction holds `pc` and ends at `end`, and its first argument.
  void Describe(Dwarf_Addr pc, Dwarf_Addr end, ObjectCall& call) {
    Function* const function = Find(pc);
    if (function == nullptr) return;
    std::vector<Dwarf_Die> chain = {function->die};  // outermost first
    Descend(function->die, pc, end, chain, call);
    Dwarf_Die& unit = units_[function->unit];
    SourcePosition at = LineAt(unit, pc);
    for (auto die = chain.rbegin(); die != chain.rend(); ++die) {
      const SourcePosition declared = DeclaredAt(unit, *die);
      // The function that calls all initialisers: GCC gives it the file's last line, clang none.
      if (Text(*die, DW_AT_name).starts_with("_GLOBAL__")) at = {};
      if (at.line == 0) at = declared;
      call.frames.push_back({QualifiedName(*die), at, IsArtificial(*die) ? "" : declared.file});
      at = CalledAt(unit, *die);
    }
  }

  ObjectFunction FunctionAt(Dwarf_Addr pc) {
    Function* const function = Find(pc);
    if (function == nullptr) return {};
    return {QualifiedName(function->die), DeclaredAt(units_[function->unit], function->die).file};
  }

 private:
  struct Function {
    Dwarf_Addr high;
    Dwarf_Die die;
    size_t unit;
  };

  // The function whose code holds `pc`, nullptr where there is none.
  Function* Find(Dwarf_Addr pc) {
    const auto next = functions_.upper_bound(pc);
    if (next == functions_.begin()) return nullptr;
    Function& function = std::prev(next)->second;
    return pc < function.high ? &function : nullptr;
  }

  static bool IsArtificial(Dwarf_Die& die) {
    Dwarf_Attribute attribute;
    return dwarf_attr_integrate(&die, DW_AT_artificial, &attribute) != nullptr;
  }

  static std::string Text(Dwarf_Die& die, unsigned int name) {
    Dwarf_Attribute attribute;
    const char* text = dwarf_formstring(dwarf_attr_integrate(&die, name, &attribute));
    return text == nullptr ? "" : text;
  }

  static int Number(Dwarf_Die& die, unsigned int name) {
    Dwarf_Attribute attribute;
    Dwarf_Word value = 0;
    if (dwarf_formudata(dwarf_attr_integrate(&die, name, &attribute), &value) != 0) return 0;
    return static_cast<int>(value);
  }

  // The producer without the flags that GCC adds.
  static std::string Compiler(Dwarf_Die& unit) {
    const std::string producer = Text(unit, DW_AT_producer);
    return producer.substr(0, producer.find(" -"));
  }

  // Remembers the parents of what has a name, since DWARF tells the children only, and the functions that
  // have machine code.
  void Index(Dwarf_Die& parent, Dwarf_Off named_parent, size_t unit) {
    Dwarf_Die die;
    if (dwarf_child(&parent, &die) != 0) return;
    do {
      Dwarf_Off named = named_parent;
      switch (dwarf_tag(&die)) {
        case DW_TAG_subprogram:
          AddFunction(die, unit);
          [[fallthrough]];
        case DW_TAG_namespace:
        case DW_TAG_class_type:
        case DW_TAG_structure_type:
        case DW_TAG_union_type:
          named = dwarf_dieoffset(&die);
          parents_[named] = named_parent;
          [[fallthrough]];
        case DW_TAG_lexical_block:
          Index(die, named, unit);
          break;
        default:
          break;
      }
    } while (dwarf_siblingof(&die, &die) == 0);
  }

  void AddFunction(Dwarf_Die& die, size_t unit) {
    Dwarf_Addr base;
    Dwarf_Addr low;
    Dwarf_Addr high;
    ptrdiff_t offset = 0;
    while ((offset = dwarf_ranges(&die, offset, &base, &low, &high)) > 0) {
      functions_.insert_or_assign(low, Function{high, die, unit});
    }
  }

  static bool Holds(Dwarf_Die& die, Dwarf_Addr pc) {
    if (dwarf_haspc(&die, pc) > 0) return true;
    // A block whose own ranges were left out may still hold blocks that have theirs.
    return dwarf_tag(&die) == DW_TAG_lexical_block && !dwarf_hasattr(&die, DW_AT_low_pc) &&
           !dwarf_hasattr(&die, DW_AT_ranges);
  }

  void Descend(Dwarf_Die& parent, Dwarf_Addr pc, Dwarf_Addr end, std::vector<Dwarf_Die>& chain,
               ObjectCall& call) {
    Dwarf_Die die;
    if (dwarf_child(&parent, &die) != 0) return;
    do {
      switch (dwarf_tag(&die)) {
        case DW_TAG_call_site:
          if (ReturnsTo(die) == end) call.size = ConstantArgument(die);
          break;
        case DW_TAG_inlined_subroutine:
          if (Holds(die, pc)) {
            chain.push_back(die);
            Descend(die, pc, end, chain, call);
          }
          break;
        case DW_TAG_lexical_block:
          if (Holds(die, pc)) Descend(die, pc, end, chain, call);
          break;
        default:
          break;
      }
    } while (dwarf_siblingof(&die, &die) == 0);
  }

  static Dwarf_Addr ReturnsTo(Dwarf_Die& call_site) {
    Dwarf_Attribute attribute;
    Dwarf_Addr address = 0;
    dwarf_formaddr(dwarf_attr(&call_site, DW_AT_call_return_pc, &attribute), &address);
    return address;
  }

  static std::optional<uint64_t> ConstantArgument(Dwarf_Die& call_site) {
    Dwarf_Die die;
    if (dwarf_child(&call_site, &die) != 0) return std::nullopt;
    do {
      if (dwarf_tag(&die) != DW_TAG_call_site_parameter) continue;
      const std::optional<Dwarf_Op> where = OnlyOperation(die, DW_AT_location);
      const std::optional<Dwarf_Op> value = OnlyOperation(die, DW_AT_call_value);
      // The first argument's register: rdi on x86-64, x0 on AArch64.
#if defined(__aarch64__)
      constexpr int kFirst = DW_OP_reg0;
#else
      constexpr int kFirst = DW_OP_reg5;
#endif
      if (!where || where->atom != kFirst || !value) continue;
      if (value->atom >= DW_OP_lit0 && value->atom <= DW_OP_lit31) return value->atom - DW_OP_lit0;
      if (value->atom >= DW_OP_const1u && value->atom <= DW_OP_consts) return value->number;
    } while (dwarf_siblingof(&die, &die) == 0);
    return std::nullopt;
  }

  static std::optional<Dwarf_Op> OnlyOperation(Dwarf_Die& die, unsigned int name) {
    Dwarf_Attribute attribute;
    Dwarf_Op* operations = nullptr;
    size_t count = 0;
    if (dwarf_attr(&die, name, &attribute) == nullptr ||
        dwarf_getlocation(&attribute, &operations, &count) != 0 || count != 1) {
      return std::nullopt;
    }
    return operations[0];
  }

  SourcePosition LineAt(Dwarf_Die& unit, Dwarf_Addr pc) {
    SourcePosition position;
    Dwarf_Line* const line = dwarf_getsrc_die(&unit, pc);
    if (line == nullptr) return position;
    const char* file = dwarf_linesrc(line, nullptr, nullptr);
    if (file != nullptr) position.file = Absolute(unit, file);
    dwarf_lineno(line, &position.line);
    dwarf_linecol(line, &position.column);
    return position;
  }

  SourcePosition CalledAt(Dwarf_Die& unit, Dwarf_Die& die) {
    return {FileName(unit, Number(die, DW_AT_call_file)), Number(die, DW_AT_call_line),
            Number(die, DW_AT_call_column)};
  }

  SourcePosition DeclaredAt(Dwarf_Die& unit, Dwarf_Die& die) {
    return {FileName(unit, Number(die, DW_AT_decl_file)), Number(die, DW_AT_decl_line), 0};
  }

  std::string FileName(Dwarf_Die& unit, int index) {
    Dwarf_Files* files = nullptr;
    if (dwarf_getsrcfiles(&unit, &files, nullptr) != 0) return "";
    const char* name = dwarf_filesrc(files, index, nullptr, nullptr);
    return name == nullptr ? "" : Absolute(unit, name);
  }

  static std::string Absolute(Dwarf_Die& unit, const fs::path& file) {
    return (Text(unit, DW_AT_comp_dir) / file).lexically_normal().string();
  }

  // The function that a concrete instance, or a definition outside its class, belongs to.
  static Dwarf_Die Declaration(Dwarf_Die die) {
    Dwarf_Attribute attribute;
    Dwarf_Die other;
    while (
        dwarf_formref_die(dwarf_attr(&die, DW_AT_abstract_origin, &attribute), &other) != nullptr ||
        dwarf_formref_die(dwarf_attr(&die, DW_AT_specification, &attribute), &other) != nullptr) {
      die = other;
    }
    return die;
  }

  const std::string& QualifiedName(Dwarf_Die& die) {
    Dwarf_Die scope = Declaration(die);
    std::string& name = names_[dwarf_dieoffset(&scope)];
    if (!name.empty()) return name;
    std::vector<std::string> parts;
    for (;;) {
      const int tag = dwarf_tag(&scope);
      const std::string part = Text(scope, DW_AT_name);
      if (tag == DW_TAG_namespace) {
        // Inline namespaces are the library's business: std::__cxx11.
        if (!dwarf_hasattr(&scope, DW_AT_export_symbols) && !part.empty()) parts.push_back(part);
      } else if (tag != DW_TAG_subprogram && IsClosure(part)) {
        if (!parts.empty() && parts.back() == "operator()") parts.pop_back();
        parts.push_back("lambda");
      } else {
        parts.push_back(part);
      }
      const Dwarf_Off parent = parents_[dwarf_dieoffset(&scope)];
      if (parent == 0 || dwarf_offdie(dwarf_, parent, &scope) == nullptr) break;
      scope = Declaration(scope);
    }
    std::reverse(parts.begin(), parts.end());
    name = absl::StrJoin(parts, "::");
    if (name.starts_with("__static_initialization") || name.starts_with("_GLOBAL__") ||
        name.starts_with("__cxx_global_")) {
      name = "static initialisation";
    }
    return name;
  }

  Dwarf* dwarf_;
  std::string compiler_;
  std::vector<Dwarf_Die> units_;
  std::map<Dwarf_Addr, Function> functions_;          // by where they begin
  std::unordered_map<Dwarf_Off, Dwarf_Off> parents_;  // 0: none
  std::unordered_map<Dwarf_Off, std::string> names_;
};

// Whether the instruction whose operand is at `offset` of `code` calls or jumps to what the relocation names. On
// x86-64 the relocation alone does not tell: the assembler writes a call of a local function (static, in an unnamed
// namespace, or a clone that GCC made of a library's template) as it writes the use of a variable.
bool IsCall(int machine, uint64_t relocation, std::span<const uint8_t> code, uint64_t offset) {
  if (machine == EM_AARCH64) {
    return relocation == R_AARCH64_CALL26 || relocation == R_AARCH64_JUMP26;
  }
  const auto byte = [&](uint64_t before) {
    return offset < before || offset - before >= code.size() ? 0 : code[offset - before];
  };
  switch (relocation) {
    case R_X86_64_PLT32:
      return true;
    case R_X86_64_PC32: {
      const bool direct = byte(1) == 0xe8 || byte(1) == 0xe9;           // call, jmp
      const bool conditional = byte(2) == 0x0f && byte(1) >> 4 == 0x8;  // je, jne, ...
      return direct || conditional;
    }
    case R_X86_64_GOTPCREL:
    case R_X86_64_GOTPCRELX:  // call *f@GOTPCREL(%rip), jmp *f@GOTPCREL(%rip)
      return byte(2) == 0xff && (byte(1) == 0x15 || byte(1) == 0x25);
    default:
      return false;
  }
}

// The functions of the object by section and offset, under one name each.
class Symbols {
 public:
  Symbols(Elf* elf, Elf_Scn* table, const GElf_Shdr& header) {
    Elf_Data* const data = elf_getdata(table, nullptr);
    const size_t count = header.sh_entsize == 0 ? 0 : header.sh_size / header.sh_entsize;
    for (size_t i = 0; i < count; ++i) {
      GElf_Sym symbol;
      gelf_getsym(data, static_cast<int>(i), &symbol);
      const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
      names_.push_back(name == nullptr ? "" : name);
      symbols_.push_back(symbol);
      if (GELF_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_shndx != SHN_UNDEF) {
        functions_.try_emplace({symbol.st_shndx, symbol.st_value},
                               Function{BaseName(names_.back()), symbol.st_size});
      }
    }
  }

  // The function at `offset` of the section; empty where there is none.
  std::string At(size_t section, uint64_t offset) const {
    auto next = functions_.upper_bound({section, offset});
    if (next == functions_.begin()) return "";
    const auto& [place, function] = *std::prev(next);
    if (place.first != section || offset >= place.second + std::max<uint64_t>(function.size, 1))
      return "";
    return function.name;
  }

  // What a call with this symbol and addend goes to.
  std::string Target(size_t index, int64_t addend_to_start) const {
    if (index >= symbols_.size()) return "";
    const GElf_Sym& symbol = symbols_[index];
    if (GELF_ST_TYPE(symbol.st_info) == STT_SECTION) {
      return At(symbol.st_shndx, addend_to_start);
    }
    if (symbol.st_shndx == SHN_UNDEF) return names_[index];
    const std::string defined = At(symbol.st_shndx, symbol.st_value);
    return defined.empty() ? names_[index] : defined;
  }

  struct Function {
    std::string name;
    uint64_t size;
  };
  const std::map<std::pair<size_t, uint64_t>, Function>& functions() const { return functions_; }

 private:
  std::vector<GElf_Sym> symbols_;
  std::vector<std::string> names_;
  std::map<std::pair<size_t, uint64_t>, Function> functions_;
};

}  // namespace

std::optional<AllocationFunction> FindAllocationFunction(std::string_view symbol) {
  if (symbol == "_ZnwmPv" || symbol == "_ZnamPv") return std::nullopt;  // placement
  if (symbol.starts_with("_Znw")) return AllocationFunction{"operator new"};
  if (symbol.starts_with("_Zna")) return AllocationFunction{"operator new[]"};
  if (symbol == "__cxa_allocate_exception") return AllocationFunction{"exception"};
  // clang-format off
  static constexpr auto kFunctions = std::to_array<std::string_view>(
      {"malloc", "calloc", "realloc", "reallocarray", "aligned_alloc", "posix_memalign",
       "memalign", "valloc", "pvalloc", "strdup", "strndup", "__strdup", "__strndup", "wcsdup",
       "asprintf", "vasprintf", "fopen", "fopen64", "fdopen", "popen", "tmpfile",
       "fmemopen", "open_memstream", "opendir", "fdopendir", "GC_malloc", "GC_malloc_atomic",
       "GC_malloc_uncollectable", "GC_malloc_atomic_uncollectable", "GC_malloc_ignore_off_page",
       "GC_malloc_atomic_ignore_off_page", "GC_memalign", "GC_realloc", "GC_strdup",
       "GC_strndup"});
  // clang-format on
  if (std::find(kFunctions.begin(), kFunctions.end(), symbol) != kFunctions.end()) {
    return AllocationFunction{std::string(symbol)};
  }
  if (symbol == "__asprintf_chk" || symbol == "__vasprintf_chk") {
    return AllocationFunction{std::string(symbol.substr(2, symbol.size() - 6))};
  }
  for (const std::string_view function :
       {"getline", "getdelim", "__getdelim", "realpath", "getcwd", "scandir", "getaddrinfo"}) {
    if (symbol == function) return AllocationFunction{std::string(function), true};
  }
  for (const std::string_view function :
       {"17AllocateSmallSlowE", "13AllocateLargeE", "15AllocateAlignedE"}) {
    constexpr std::string_view kInternal = "_ZN8heapwise7runtime8internal";
    if (symbol.starts_with(kInternal) && symbol.substr(kInternal.size()).starts_with(function)) {
      return AllocationFunction{"GC object"};
    }
  }
  return FindLibraryFunction(symbol);
}

absl::StatusOr<ObjectCalls> ReadObject(const fs::path& object) {
  const auto failed = [&](const char* what) {
    const int error = dwfl_errno();
    return absl::InternalError(absl::StrFormat(
        "%s: %s: %s", object.string(), what, error == 0 ? "not as expected" : dwfl_errmsg(error)));
  };
  static const Dwfl_Callbacks callbacks = {.find_elf = nullptr,
                                           .find_debuginfo = NoOtherDebugInfo,
                                           .section_address = dwfl_offline_section_address,
                                           .debuginfo_path = nullptr};
  const std::unique_ptr<Dwfl, DwflDeleter> dwfl(dwfl_begin(&callbacks));
  if (dwfl == nullptr) return failed("cannot be read");
  Dwfl_Module* const module = dwfl_report_offline(dwfl.get(), "", object.c_str(), -1);
  if (module == nullptr) return failed("cannot be read");
  dwfl_report_end(dwfl.get(), nullptr, nullptr);
  GElf_Addr elf_bias = 0;
  Elf* const elf = dwfl_module_getelf(module, &elf_bias);
  if (elf == nullptr) return failed("is no object file");
  Dwarf_Addr dwarf_bias = 0;
  Dwarf* const dwarf = dwfl_module_getdwarf(module, &dwarf_bias);
  if (dwarf == nullptr) return failed("has no debug information");
  GElf_Ehdr elf_header;
  if (gelf_getehdr(elf, &elf_header) == nullptr) return failed("is no object file");
  if (elf_header.e_machine != EM_X86_64 && elf_header.e_machine != EM_AARCH64) {
    return absl::UnimplementedError("the escape report reads x86-64 and AArch64 code only");
  }

  std::optional<Symbols> symbols;
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf, section)) != nullptr) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) != nullptr && header.sh_type == SHT_SYMTAB) {
      symbols.emplace(elf, section, header);
    }
  }
  if (!symbols) return failed("has no symbols");

  DebugInfo debug_info(dwarf);
  ObjectCalls object_calls;
  object_calls.compiler = debug_info.compiler();
  const auto address = [&](size_t index, uint64_t offset) {
    GElf_Shdr header = {};
    gelf_getshdr(elf_getscn(elf, index), &header);
    return header.sh_addr + elf_bias - dwarf_bias + offset;
  };
  for (const auto& [place, function] : symbols->functions()) {
    ObjectFunction& known = object_calls.functions[function.name];
    if (known.name.empty()) {
      known = debug_info.FunctionAt(address(place.first, place.second));
    }
  }

  section = nullptr;
  while ((section = elf_nextscn(elf, section)) != nullptr) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_RELA) continue;
    GElf_Shdr code;
    if (gelf_getshdr(elf_getscn(elf, header.sh_info), &code) == nullptr) continue;
    if ((code.sh_flags & SHF_EXECINSTR) == 0) continue;
    std::span<const uint8_t> bytes;
    if (const Elf_Data* text = elf_rawdata(elf_getscn(elf, header.sh_info), nullptr)) {
      bytes = {static_cast<const uint8_t*>(text->d_buf), text->d_size};
    }
    Elf_Data* const data = elf_getdata(section, nullptr);
    for (size_t i = 0; i < header.sh_size / header.sh_entsize; ++i) {
      GElf_Rela relocation;
      if (gelf_getrela(data, static_cast<int>(i), &relocation) == nullptr) continue;
      if (!IsCall(elf_header.e_machine, GELF_R_TYPE(relocation.r_info), bytes, relocation.r_offset))
        continue;
      // x86-64 counts from the end of the instruction, four bytes behind the relocation.
      const int64_t to_start = relocation.r_addend + (elf_header.e_machine == EM_X86_64 ? 4 : 0);
      ObjectCall call;
      call.callee = symbols->Target(GELF_R_SYM(relocation.r_info), to_start);
      if (!object_calls.functions.contains(call.callee) && !FindAllocationFunction(call.callee))
        continue;
      call.caller = symbols->At(header.sh_info, relocation.r_offset);
      const Dwarf_Addr pc = address(header.sh_info, relocation.r_offset);
      debug_info.Describe(pc, pc + 4, call);
      object_calls.calls.push_back(std::move(call));
    }
  }
  return object_calls;
}

}  // namespace heapwise::runner

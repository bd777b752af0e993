#include "heapwise/pprof/debug_info.h"

#include <dwarf.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <tuple>
#include <utility>

namespace heapwise::pprof::internal {
namespace {

std::string OrEmpty(const char* text) { return text == nullptr ? "" : text; }

// A number that the entry has, or the one that it was made from; 0 where there is none.
int Number(Dwarf_Die* die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_attr_integrate(die, name, &attribute) != nullptr) dwarf_formudata(&attribute, &value);
  return static_cast<int>(value);
}

// Calls use(child) for the entries right below `die`, until it returns false.
template <class Use>
void ForEachChild(Dwarf_Die die, Use use) {
  Dwarf_Die child;
  if (dwarf_child(&die, &child) != 0) return;
  do {
    if (!use(child)) return;
  } while (dwarf_siblingof(&child, &child) == 0);
}

// Calls use(begin, end) for the ranges of addresses of `die`; whether there were any.
template <class Use>
bool ForEachRange(Dwarf_Die die, Use use) {
  bool any = false;
  Dwarf_Addr base = 0;
  Dwarf_Addr begin = 0;
  Dwarf_Addr end = 0;
  for (ptrdiff_t at = 0; (at = dwarf_ranges(&die, at, &base, &begin, &end)) > 0;) {
    any = true;
    // What the linker has left out is at 0 or 1.
    if (begin > 1 && begin < end) use(begin, end);
  }
  return any;
}

bool IsClass(int tag) {
  return tag == DW_TAG_class_type || tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

// What a function may be in. Functions may be in a function's own types and blocks too.
bool MayHoldFunctions(int tag) {
  return IsClass(tag) || tag == DW_TAG_namespace || tag == DW_TAG_subprogram ||
         tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine || tag == DW_TAG_module;
}

void IndexFunctions(Dwarf_Die die, RangeMap<Dwarf_Die>& functions) {
  ForEachChild(die, [&functions](Dwarf_Die child) {
    const int tag = dwarf_tag(&child);
    if (tag == DW_TAG_subprogram) {
      ForEachRange(child,
                   [&](Dwarf_Addr begin, Dwarf_Addr end) { functions.Add(begin, end, child); });
    }
    if (MayHoldFunctions(tag)) IndexFunctions(child, functions);
    return true;
  });
}

// The function and the inlined calls in it that an address is in, innermost first.
std::vector<Dwarf_Die> CallsAt(const Dwarf_Die& function, Dwarf_Addr pc) {
  std::vector<Dwarf_Die> calls = {function};
  for (Dwarf_Die scope = function; scope.addr != nullptr;) {
    Dwarf_Die inner = {};
    ForEachChild(scope, [&](Dwarf_Die child) {
      const int tag = dwarf_tag(&child);
      const bool may_hold = tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block ||
                            tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
      if (may_hold && dwarf_haspc(&child, pc) > 0) inner = child;
      return inner.addr == nullptr;
    });
    if (inner.addr != nullptr && dwarf_tag(&inner) == DW_TAG_inlined_subroutine) {
      calls.insert(calls.begin(), inner);
    }
    scope = inner;
  }
  return calls;
}

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

// The entries around `die`, innermost first, without itself.
std::vector<Dwarf_Die> ScopesAround(Dwarf_Die die) {
  Dwarf_Die* found = nullptr;
  const int count = dwarf_getscopes_die(&die, &found);
  const std::unique_ptr<Dwarf_Die[], decltype(&std::free)> scopes(found, &std::free);
  return count > 1 ? std::vector<Dwarf_Die>(found + 1, found + count) : std::vector<Dwarf_Die>();
}

bool IsLambda(const Dwarf_Die& unnamed_class) {
  bool is_lambda = false;
  ForEachChild(unnamed_class, [&is_lambda](Dwarf_Die child) {
    is_lambda = dwarf_tag(&child) == DW_TAG_subprogram &&
                OrEmpty(dwarf_diename(&child)).starts_with("operator()");
    return !is_lambda;
  });
  return is_lambda;
}

// The unnamed classes in a function or a namespace: those in its blocks too, not those in what it holds.
void CollectUnnamedClasses(const Dwarf_Die& scope, std::vector<Dwarf_Die>& classes) {
  ForEachChild(scope, [&classes](Dwarf_Die child) {
    if (IsClass(dwarf_tag(&child)) && dwarf_diename(&child) == nullptr) classes.push_back(child);
    if (dwarf_tag(&child) == DW_TAG_lexical_block) CollectUnnamedClasses(child, classes);
    return true;
  });
}

// `{lambda#2}`: the second, as they stand in the source, of those in `scope`. The linker's names are like it, where there
// are any.
std::string UnnamedClassName(const Dwarf_Die& unnamed_class, const Dwarf_Die& scope) {
  std::vector<Dwarf_Die> classes;
  CollectUnnamedClasses(scope, classes);
  const bool is_lambda = IsLambda(unnamed_class);
  std::erase_if(classes, [is_lambda](const Dwarf_Die& die) { return IsLambda(die) != is_lambda; });
  std::ranges::stable_sort(classes, {}, [](Dwarf_Die die) {
    return std::tuple(Number(&die, DW_AT_decl_file), Number(&die, DW_AT_decl_line),
                      Number(&die, DW_AT_decl_column));
  });
  const auto place = std::ranges::find(classes, unnamed_class.addr, &Dwarf_Die::addr);
  return (is_lambda ? "{lambda#" : "{unnamed type#") + std::to_string(place - classes.begin() + 1) +
         "}";
}

}  // namespace

template <class Value>
void RangeMap<Value>::Sort() {
  std::ranges::stable_sort(ranges_, {}, &Range::begin);
  Dwarf_Addr reach = 0;
  for (Range& range : ranges_) range.reach = reach = std::max(reach, range.end);
}

template <class Value>
std::vector<Value> RangeMap<Value>::Find(Dwarf_Addr address) const {
  std::vector<Value> values;
  auto range = std::ranges::upper_bound(ranges_, address, {}, &Range::begin);
  while (range != ranges_.begin() && (--range)->reach > address) {
    if (range->end > address) values.push_back(range->value);
  }
  return values;
}

DebugInfo::DebugInfo(Dwfl_Module* module) {
  Dwarf* const dwarf = dwfl_module_getdwarf(module, &bias_);
  if (dwarf == nullptr) return;
  Dwarf_CU* next = nullptr;
  uint8_t type = 0;
  Dwarf_Die die;
  while (dwarf_get_units(dwarf, next, &next, nullptr, &type, &die, nullptr) == 0) {
    if (type == DW_UT_compile || type == DW_UT_skeleton) {
      units_.push_back({.die = die, .tree = {}, .functions = {}});
    }
  }
  for (Unit& unit : units_) {
    const bool has_ranges = ForEachRange(unit.die, [&](Dwarf_Addr begin, Dwarf_Addr end) {
      units_by_range_.Add(begin, end, &unit);
    });
    if (!has_ranges) units_without_ranges_.push_back(&unit);
  }
  units_by_range_.Sort();
}

std::vector<Frame> DebugInfo::Find(Dwarf_Addr address, const char* symbol,
                                   Dwarf_Addr symbol_start) {
  const Dwarf_Addr pc = address - bias_;
  std::vector<Unit*> units = units_by_range_.Find(pc);
  if (units.empty()) units = units_without_ranges_;
  for (Unit* const unit : units) {
    std::vector<Frame> frames = FromFunctions(*unit, pc, symbol);
    if (!frames.empty()) return frames;
  }
  if (symbol == nullptr) return {};
  for (Unit* const unit : units) {
    std::vector<Frame> frames = FromLines(*unit, pc, symbol, symbol_start - bias_);
    if (!frames.empty()) return frames;
  }
  return {};
}

std::vector<Frame> DebugInfo::FromFunctions(Unit& unit, Dwarf_Addr pc, const char* symbol) {
  if (!unit.indexed) {
    unit.indexed = true;
    uint8_t type = 0;
    Dwarf_Die split = {};
    dwarf_cu_info(unit.die.cu, nullptr, &type, nullptr, &split, nullptr, nullptr, nullptr);
    unit.tree = type == DW_UT_skeleton && split.addr != nullptr ? split : unit.die;
    IndexFunctions(unit.tree, unit.functions);
    unit.functions.Sort();
  }
  const std::vector<Dwarf_Die> functions = unit.functions.Find(pc);
  if (functions.empty()) return {};

  std::string file;
  int line = 0;
  if (Dwarf_Line* const source = dwarf_getsrc_die(&unit.die, pc)) {
    file = OrEmpty(dwarf_linesrc(source, nullptr, nullptr));
    dwarf_lineno(source, &line);
  }
  Dwarf_Files* files = nullptr;
  size_t file_count = 0;
  dwarf_getsrcfiles(&unit.tree, &files, &file_count);

  std::vector<Frame> frames;
  for (Dwarf_Die& call : CallsAt(functions.front(), pc)) {
    frames.push_back({.function = FunctionName(&call, symbol),
                      .file = file,
                      .line = line,
                      .start_line = StartLine(&call)});
    line = Number(&call, DW_AT_call_line);
    const auto index = static_cast<size_t>(Number(&call, DW_AT_call_file));
    file = files != nullptr && index < file_count
               ? OrEmpty(dwarf_filesrc(files, index, nullptr, nullptr))
               : "";
  }
  // With -flto and -gsplit-dwarf together GCC 12 refers to no declaration, so that no inlined function has a name.
  const bool all_named = std::ranges::none_of(frames, &std::string::empty, &Frame::function);
  return all_named ? frames : std::vector<Frame>();
}

std::vector<Frame> DebugInfo::FromLines(Unit& unit, Dwarf_Addr pc, const char* symbol,
                                        Dwarf_Addr symbol_start) {
  Dwarf_Line* const source = dwarf_getsrc_die(&unit.die, pc);
  if (source == nullptr) return {};
  Frame frame{.function = symbol, .file = OrEmpty(dwarf_linesrc(source, nullptr, nullptr))};
  dwarf_lineno(source, &frame.line);
  if (Dwarf_Line* const start = dwarf_getsrc_die(&unit.die, symbol_start)) {
    dwarf_lineno(start, &frame.start_line);
  }
  return {frame};
}

// The mangled name where there is one. GCC's debug information has none for functions of internal
// linkage; then `symbol`, which may be null, is that of the function which is not inlined.
std::string DebugInfo::FunctionName(Dwarf_Die* function, const char* symbol) {
  Dwarf_Attribute attribute;
  if (dwarf_attr_integrate(function, DW_AT_linkage_name, &attribute) != nullptr) {
    if (const char* const name = dwarf_formstring(&attribute)) return name;
  }
  if (symbol != nullptr && dwarf_tag(function) == DW_TAG_subprogram) {
    // Without what marks a clone, a part or a version: f.isra.0, f.cold, f@@LIB_2.
    const std::string_view name(symbol);
    return std::string(name.substr(0, name.find_first_of(".@")));
  }
  return QualifiedName(*function).text;
}

int DebugInfo::StartLine(Dwarf_Die* function) {
  const int line = Number(function, DW_AT_decl_line);
  return line != 0 ? line : QualifiedName(*function).line;
}

// `a::B::f`, for what has no name for the linker, and the line of its class: a lambda's function has none of its own.
const DebugInfo::Name& DebugInfo::QualifiedName(const Dwarf_Die& function) {
  Dwarf_Die declaration = Declaration(function);
  const auto [place, is_new] = names_.try_emplace(declaration.addr);
  Name& name = place->second;
  if (!is_new) return name;
  name.text = OrEmpty(dwarf_diename(&declaration));
  if (name.text.empty()) return name;
  std::vector<Dwarf_Die> scopes = ScopesAround(declaration);
  for (size_t i = 0; i < scopes.size(); ++i) {
    Dwarf_Die& scope = scopes[i];
    const int tag = dwarf_tag(&scope);
    const char* const text = dwarf_diename(&scope);
    if (tag == DW_TAG_subprogram) {
      // Its own scopes are around its declaration, which may be elsewhere.
      name.text.insert(0, QualifiedName(scope).text + "::");
      break;
    }
    if (tag == DW_TAG_namespace) {
      name.text.insert(0, (text == nullptr ? "(anonymous namespace)" : std::string(text)) + "::");
    } else if (IsClass(tag)) {
      if (name.line == 0) name.line = Number(&scope, DW_AT_decl_line);
      const auto outer =
          std::find_if(scopes.begin() + static_cast<ptrdiff_t>(i) + 1, scopes.end(),
                       [](Dwarf_Die die) { return dwarf_tag(&die) != DW_TAG_lexical_block; });
      name.text.insert(
          0, (text != nullptr || outer == scopes.end() ? OrEmpty(text)
                                                       : UnnamedClassName(scope, *outer)) +
                 "::");
    }
  }
  return name;
}

}  // namespace heapwise::pprof::internal

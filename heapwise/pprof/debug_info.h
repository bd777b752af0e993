#ifndef HEAPWISE_PPROF_DEBUG_INFO_H_
#define HEAPWISE_PPROF_DEBUG_INFO_H_

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "heapwise/pprof/symbolizer.h"

namespace heapwise::pprof::internal {

// Which values stand for an address, where each stands for a range of them.
template <class Value>
class RangeMap {
 public:
  void Add(Dwarf_Addr begin, Dwarf_Addr end, Value value) {
    ranges_.push_back({begin, end, end, value});
  }

  // To be called after the last Add.
  void Sort();

  // Of all ranges that hold the address; the one that begins last comes first.
  std::vector<Value> Find(Dwarf_Addr address) const;

 private:
  struct Range {
    Dwarf_Addr begin;
    Dwarf_Addr end;
    Dwarf_Addr reach;  // the greatest end of this range and those before it
    Value value;
  };
  std::vector<Range> ranges_;
};

// Functions, lines and inlined calls of one file in the process, from DWARF of every kind that libdw reads.
//
// libdw's own search (dwfl_module_addrdie, dwarf_getscopes) has three gaps, for which this one indexes the ranges of all
// functions itself. It takes the nearest unit in .debug_aranges, a table that clang does not write, for the right one.
// It does not see functions inside of others' types: lambdas and local classes of g++ without optimisation. And it does
// not get from one unit to the next: link-time optimisation, split DWARF.
//
// Not thread-safe. A unit is indexed when its first address is asked for.
class DebugInfo {
 public:
  explicit DebugInfo(Dwfl_Module* module);

  // The functions at an address of the process, innermost first, without offsets; empty where nothing is known.
  // `symbol` is the linker's name for what is there, which begins at symbol_start; it may be null.
  std::vector<Frame> Find(Dwarf_Addr address, const char* symbol, Dwarf_Addr symbol_start);

 private:
  struct Unit {
    Dwarf_Die die;   // has the line table
    Dwarf_Die tree;  // has the functions: that of the .dwo file, where there is one, or the same
    bool indexed = false;
    RangeMap<Dwarf_Die> functions;
  };

  struct Name {
    std::string text;
    int line = 0;
  };

  std::vector<Frame> FromFunctions(Unit& unit, Dwarf_Addr pc, const char* symbol);
  static std::vector<Frame> FromLines(Unit& unit, Dwarf_Addr pc, const char* symbol,
                                      Dwarf_Addr symbol_start);
  std::string FunctionName(Dwarf_Die* function, const char* symbol);
  int StartLine(Dwarf_Die* function);
  const Name& QualifiedName(const Dwarf_Die& function);

  Dwarf_Addr bias_ = 0;
  std::vector<Unit> units_;
  RangeMap<Unit*> units_by_range_;
  std::vector<Unit*> units_without_ranges_;
  std::unordered_map<const void*, Name> names_;  // by the declaration's place in memory
};

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_DEBUG_INFO_H_

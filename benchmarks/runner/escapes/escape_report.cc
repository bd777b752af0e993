#include "benchmarks/runner/escapes/escape_report.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace heapwise::runner {
namespace {

// The name without template arguments: "std::vector<int>::vector" becomes "std::vector::vector".
std::string WithoutTemplateArguments(std::string_view name) {
  static constexpr auto kOperators = std::to_array<std::string_view>(
      {"<=>", "<<=", ">>=", "->*", "<<", ">>", "<=", ">=", "->", "<", ">"});
  std::string plain;
  int depth = 0;
  while (!name.empty()) {
    size_t taken = 1;
    if (depth == 0 && plain.ends_with("operator")) {
      for (const std::string_view text : kOperators) {
        if (!name.starts_with(text)) continue;
        taken = text.size();
        break;
      }
      plain += name.substr(0, taken);
    } else if (name[0] == '<') {
      ++depth;
    } else if (name[0] == '>' && depth > 0) {
      --depth;
    } else if (depth == 0) {
      plain += name[0];
    }
    name.remove_prefix(taken);
  }
  return plain;
}

// As a program writes it: "std::vector" for the constructor, "std::string" for what is a template.
std::string AsWritten(std::string plain) {
  const size_t member = plain.rfind("::");
  if (member != plain.npos) {
    const size_t type = plain.rfind("::", member - 1);
    const size_t start = type == plain.npos ? 0 : type + 2;
    if (plain.substr(start, member - start) == plain.substr(member + 2)) plain.resize(member);
  }
  constexpr std::string_view kTemplate = "std::basic_";
  if (plain.starts_with(kTemplate)) plain.replace(0, kTemplate.size(), "std::");
  return plain;
}

bool IsLibrary(std::string_view function, std::string_view file) {
  return function.starts_with("std::") || function.starts_with("__gnu_cxx::") ||
         file.starts_with("/usr/");
}

// Functions that a reader of the program has not heard of: those with reserved names, and what stands
// between every container and operator new.
bool IsInternal(std::string_view plain) {
  if (plain.empty() || plain.starts_with("heapwise::runtime::") ||
      plain.starts_with("__gnu_cxx::")) {
    return true;
  }
  for (const std::string_view plumbing : {"std::allocator", "std::allocator_traits",
                                          "std::construct_at", "std::forward", "std::move"}) {
    if (plain == plumbing || plain.starts_with(std::string(plumbing) + "::")) return true;
  }
  for (size_t at = 0; at != plain.npos; at = plain.find("::", at)) {
    if (plain[at] == ':') at += 2;
    if (at < plain.size() && plain[at] == '_') return true;
  }
  return false;
}

// Members of standard containers that allocate only where the room they have does not do.
bool GrowsOnDemand(std::string_view plain) {
  if (!plain.starts_with("std::")) return false;
  const std::string_view member = plain.substr(plain.rfind(':') + 1);
  static constexpr auto kMembers = std::to_array<std::string_view>(
      {"_M_realloc_insert", "_M_realloc_append", "_M_default_append", "_M_fill_insert",
       "_M_range_insert",   "_M_fill_assign",    "_M_assign_aux",     "_M_fill_append",
       "_M_append",         "_M_mutate",         "_M_replace",        "_M_replace_aux",
       "_M_assign",         "_M_push_back_aux",  "_M_push_front_aux", "_M_reallocate_map",
       "_M_rehash",         "_M_rehash_aux",     "reserve",           "operator="});
  return std::find(kMembers.begin(), kMembers.end(), member) != kMembers.end();
}

// What one function allocates by its own code or by calling others. By name: sometimes.
using Allocates = std::map<std::string, bool>;

// The allocation seen through the first `n` frames: a container on the way may decide whether it happens, and
// functions of the runtime have names that say more.
AllocationFunction Refined(AllocationFunction function, const ObjectCall& call, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const std::string plain = WithoutTemplateArguments(call.frames[i].function);
    if (function.what == "GC object") {
      if (plain == "heapwise::runtime::New") function.what = "runtime::New";
      if (plain == "heapwise::runtime::MakeSlice") function.what = "runtime::MakeSlice";
      if (plain == "heapwise::runtime::Allocator::allocate") function.what = "runtime::Allocator";
    }
    // A string of up to 15 characters lies in itself. Where the length is known, the compiler has decided.
    const bool string = plain.starts_with("std::basic_string::") && !call.size;
    function.sometimes = function.sometimes || string || GrowsOnDemand(plain);
  }
  return function;
}

class ObjectReader {
 public:
  ObjectReader(const ObjectCalls& object, const std::string& file,
               const std::set<std::string>& included)
      : object_(object), file_(file), included_(included) {
    for (const ObjectCall& call : object_.calls) {
      callees_[call.caller].insert(call.callee);
    }
    std::vector<std::string> reached;
    for (const ObjectCall& call : object_.calls) {
      if (OwnFrame(call)) reached.push_back(call.callee);
    }
    while (!reached.empty()) {
      const std::string function = std::move(reached.back());
      reached.pop_back();
      if (!told_.insert(function).second) continue;
      const auto callees = callees_.find(function);
      if (callees == callees_.end()) continue;
      reached.insert(reached.end(), callees->second.begin(), callees->second.end());
    }
    // Functions that have no sites of their own pass on what they allocate.
    for (bool changed = true; changed;) {
      changed = false;
      for (const ObjectCall& call : object_.calls) {
        if (SiteFrame(call)) continue;
        Allocates& passed = passes_on_[call.caller];
        for (const AllocationFunction& function : Reached(call, call.frames.size())) {
          const auto [known, is_new] = passed.try_emplace(function.what, function.sometimes);
          changed = changed || is_new || (known->second && !function.sometimes);
          known->second = known->second && function.sometimes;
        }
      }
    }
  }

  // What a call allocates, seen through its first `n` frames.
  std::vector<AllocationFunction> Reached(const ObjectCall& call, size_t n) const {
    std::vector<AllocationFunction> reached;
    const auto function = FindAllocationFunction(call.callee);
    // What libstdc++.so has may have been compiled into the object as well: then its code says more.
    if (function && !(function->sometimes && Defines(call.callee))) {
      AllocationFunction refined = Refined(*function, call, n);
      if (function->what == "exception" && n > 0) {
        // The exceptions that a library throws are its way to say no, and not a part of the program's work.
        if (IsLibrary(call.frames[0].function, call.frames[0].at.file)) return {};
        refined.sometimes = true;
      }
      reached.push_back(std::move(refined));
    } else if (const auto passed = passes_on_.find(call.callee); passed != passes_on_.end()) {
      for (const auto& [what, sometimes] : passed->second) {
        reached.push_back(Refined({what, sometimes}, call, n));
      }
    }
    return reached;
  }

  struct Found {
    EscapeSite site;
    const ObjectCall* call;
    size_t frame;
  };

  std::vector<Found> Sites() const {
    std::vector<Found> sites;
    for (const ObjectCall& call : object_.calls) {
      const std::optional<size_t> frame = SiteFrame(call);
      if (!frame) continue;
      for (const AllocationFunction& function : Reached(call, *frame)) {
        EscapeSite site;
        if (call.frames[*frame].at.file != file_) site.file = call.frames[*frame].at.file;
        site.line = call.frames[*frame].at.line;
        site.column = call.frames[*frame].at.column;
        site.what = function.what;
        site.escape = function.sometimes ? Escape::kMaybe : Escape::kYes;
        site.function = call.frames[*frame].function;
        site.inlined_into = InlinedInto(call, *frame);
        site.via = Via(call, *frame);
        sites.push_back({std::move(site), &call, *frame});
      }
    }
    return sites;
  }

  // By the callee's name: a constructor has several symbols.
  bool Calls(const std::string& caller, const std::string& callee_name) const {
    const auto callees = callees_.find(caller);
    if (callees == callees_.end()) return false;
    return std::any_of(callees->second.begin(), callees->second.end(), [&](const auto& symbol) {
      const auto callee = object_.functions.find(symbol);
      return callee != object_.functions.end() && callee->second.name == callee_name;
    });
  }

  bool Defines(const std::string& function) const { return object_.functions.contains(function); }

  // Whether a line of the file calls the function, be it through others.
  bool Tells(const std::string& function) const { return told_.contains(function); }

  bool IsOwn(const ObjectCall& call) const { return OwnFrame(call).has_value(); }

 private:
  // The file, or what #line makes of a part of it.
  bool IsPartOfFile(const std::string& name) const {
    return !name.empty() && !included_.contains(name) && !IsLibrary("", name);
  }

  // A function of the file may have lines of an included one: an #include in the middle of it, or a line that GCC gives
  // to a call by mistake, of a function that it inlined before. The function that calls all initialisers has no line.
  bool IsOwnFrame(const CallFrame& frame) const {
    return frame.at.line > 0 && (IsPartOfFile(frame.at.file) ||
                                 (IsPartOfFile(frame.written_in) && !IsLibrary("", frame.at.file)));
  }

  // The index of the innermost frame in the file.
  std::optional<size_t> OwnFrame(const ObjectCall& call) const {
    for (size_t i = 0; i < call.frames.size(); ++i) {
      if (IsOwnFrame(call.frames[i])) return i;
    }
    return std::nullopt;
  }

  // The index of the frame that the report names.
  std::optional<size_t> SiteFrame(const ObjectCall& call) const {
    const std::optional<size_t> own = OwnFrame(call);
    if (own || told_.contains(call.caller)) return own;
    for (size_t i = 0; i < call.frames.size(); ++i) {
      if (call.frames[i].at.line > 0 && !IsLibrary(call.frames[i].function, call.frames[i].at.file))
        return i;
    }
    return std::nullopt;
  }

  std::string InlinedInto(const ObjectCall& call, size_t frame) const {
    const CallFrame& outermost = call.frames.back();
    if (frame + 1 >= call.frames.size() || outermost.function == call.frames[frame].function ||
        IsInternal(WithoutTemplateArguments(outermost.function))) {
      return "";
    }
    if (outermost.at.file != call.frames[frame].at.file) return outermost.function;
    return absl::StrFormat("%s at %d:%d", outermost.function, outermost.at.line,
                           outermost.at.column);
  }

  // Of libraries the function that the program names, of its own headers all.
  std::vector<std::string> Via(const ObjectCall& call, size_t frame) const {
    std::vector<ObjectFunction> functions;
    for (size_t i = frame; i-- > 0;) {
      functions.push_back({call.frames[i].function, call.frames[i].at.file});
    }
    const auto callee = object_.functions.find(call.callee);
    if (callee != object_.functions.end()) functions.push_back(callee->second);
    std::vector<std::string> via;
    bool library = false;
    for (const ObjectFunction& function : functions) {
      const std::string plain = WithoutTemplateArguments(function.name);
      const bool is_library = IsLibrary(function.name, function.file);
      if (IsInternal(plain) || (library && is_library)) continue;
      library = library || is_library;
      via.push_back(AsWritten(plain));
    }
    return via;
  }

  const ObjectCalls& object_;
  const std::string& file_;
  const std::set<std::string>& included_;
  std::unordered_map<std::string, std::set<std::string>> callees_;  // by caller, as symbols
  std::unordered_set<std::string> told_;  // what lines of the file call, be it through others
  std::map<std::string, Allocates> passes_on_;
};

// All that is printed but the verdict.
auto Identity(const EscapeSite& site) {
  return std::tie(site.file, site.line, site.column, site.what, site.function, site.inlined_into,
                  site.via);
}

// Whether both are one place, and one way to the allocation is the beginning of the other.
bool SameWay(const EscapeSite& a, const EscapeSite& b) {
  const size_t shorter = std::min(a.via.size(), b.via.size());
  return std::tie(a.file, a.line, a.column, a.what, a.function, a.inlined_into) ==
             std::tie(b.file, b.line, b.column, b.what, b.function, b.inlined_into) &&
         std::equal(a.via.begin(), a.via.begin() + shorter, b.via.begin());
}

std::string_view Verdict(Escape escape) {
  switch (escape) {
    case Escape::kNo:
      return "does not escape";
    case Escape::kMaybe:
      return "may escape to heap";
    case Escape::kYes:
      return "escapes to heap";
  }
  return "";
}

}  // namespace

std::vector<EscapeSite> FindEscapes(const ObjectCalls& built, const ObjectCalls& kept,
                                    const std::string& file,
                                    const std::set<std::string>& included) {
  const auto less = [](const EscapeSite& a, const EscapeSite& b) {
    return Identity(a) < Identity(b);
  };
  std::set<EscapeSite, decltype(less)> sites(less);
  const auto add = [&](EscapeSite site) {
    const auto alike = sites.find(site);
    if (alike != sites.end()) {
      site.escape = std::max(site.escape, alike->escape);
      sites.erase(alike);
    }
    sites.insert(std::move(site));
  };
  const ObjectReader as_built(built, file, included);
  std::set<std::tuple<std::string, int, int>> places;
  for (ObjectReader::Found& found : as_built.Sites()) {
    places.insert({found.site.file, found.site.line, found.site.column});
    add(std::move(found.site));
  }
  const ObjectReader all_kept(kept, file, included);
  for (ObjectReader::Found& found : all_kept.Sites()) {
    // Inlining may differ between the two. A function that is still called as built is reported where it
    // stands, one that is not there as built where it was inlined, and a way that was cut short at another
    // function is the same way.
    const ObjectCall& call = *found.call;
    bool told = !as_built.Defines(call.caller) &&
                places.contains({found.site.file, found.site.line, found.site.column});
    // What lines of the file call is told there.
    told = told || (!all_kept.IsOwn(call) &&
                    (!as_built.Defines(call.caller) || as_built.Tells(call.caller)));
    for (size_t i = 0; i + 1 < call.frames.size(); ++i) {
      told = told || as_built.Calls(call.caller, call.frames[i].function);
    }
    for (const EscapeSite& site : sites) {
      told = told || (site.escape != Escape::kNo && SameWay(site, found.site));
    }
    if (told) continue;
    found.site.escape = Escape::kNo;
    add(std::move(found.site));
  }
  return {sites.begin(), sites.end()};
}

std::string EscapeLine(const std::string& shown_file, const EscapeSite& site) {
  std::string line = absl::StrFormat("%s:%d:", shown_file, site.line);
  if (site.column > 0) line += absl::StrFormat("%d:", site.column);
  line +=
      absl::StrFormat(" %s %s [%s", site.what, std::string(Verdict(site.escape)), site.function);
  if (!site.inlined_into.empty()) line += ", inlined into " + site.inlined_into;
  line += "]";
  if (!site.via.empty()) line += " via " + absl::StrJoin(site.via, ", ");
  return line;
}

Json EscapeToJson(const std::string& shown_file, const EscapeSite& site) {
  constexpr std::array<const char*, 3> kEscapes = {"no", "maybe", "yes"};
  return {{"file", shown_file},
          {"line", site.line},
          {"column", site.column},
          {"what", site.what},
          {"escapes", kEscapes[static_cast<size_t>(site.escape)]},
          {"function", site.function},
          {"inlined_into", site.inlined_into},
          {"via", site.via}};
}

std::string EscapeLimits(const std::string& compiler, const std::string& level) {
  return "What " + compiler + " does at " + level +
         "; another compiler or version may decide otherwise.\n"
         "\"may escape\": only for some arguments, such as a long string or a full vector, or "
         "inside libstdc++.so.\n"
         "Not seen: what other files and libraries allocate when they are called, and calls "
         "through pointers\n"
         "and virtual functions.\n";
}

}  // namespace heapwise::runner

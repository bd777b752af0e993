// Reads an object file (ELF, with DWARF) as the escape report needs it: which of its functions calls what
// might allocate, and from which line of the source, through the calls that were inlined.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_ESCAPES_ESCAPE_OBJECT_H_
#define HEAPWISE_BENCHMARKS_RUNNER_ESCAPES_ESCAPE_OBJECT_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace heapwise::runner {

// A function that allocates, by its symbol.
struct AllocationFunction {
  std::string what;  // "operator new", "malloc", "exception", "GC object", "std::runtime_error"
  bool sometimes = false;  // whether it allocates depends on its arguments
};

// nullopt for any other function. `symbol` is mangled: "_Znwm".
std::optional<AllocationFunction> FindAllocationFunction(std::string_view symbol);

struct SourcePosition {
  std::string file;  // absolute, without dots
  int line = 0;
  int column = 0;  // 0: not known
  bool operator==(const SourcePosition&) const = default;
};

// A function on the way to a call, and where in it the call stands.
struct CallFrame {
  std::string function;  // qualified, without parameters: "std::make_unique<User>"
  SourcePosition at;
  // the function's own file, which a #line in it leaves; empty if the compiler made it
  std::string written_in{};
};

// A call instruction whose target is an allocation function or a function of the same object.
struct ObjectCall {
  std::string callee;             // the symbol, without a suffix such as ".isra.0"
  std::string caller;             // the function whose machine code holds the call, likewise
  std::vector<CallFrame> frames;  // innermost first; the last one is the caller; empty for a thunk
  std::optional<uint64_t> size;   // the first argument, where it is a constant
};

struct ObjectFunction {
  std::string name;  // qualified
  std::string file;  // that it is written in
};

struct ObjectCalls {
  std::string compiler;                             // "GNU C++20 12.2.0"
  std::vector<ObjectCall> calls;                    // in the order of the sections
  std::map<std::string, ObjectFunction> functions;  // defined here, by symbol
};

// Seen are the calls that an object file leaves to the linker: compile with -ffunction-sections, since a call within
// a section is none, and with -fplt, since else clang calls through registers. x86-64 and AArch64. An error is one
// line.
absl::StatusOr<ObjectCalls> ReadObject(const std::filesystem::path& object);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_ESCAPES_ESCAPE_OBJECT_H_

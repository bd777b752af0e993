#ifndef HEAPWISE_PPROF_SYMBOLIZER_H_
#define HEAPWISE_PPROF_SYMBOLIZER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What the addresses of this process stand for.
namespace heapwise::pprof::internal {

struct Frame {
  // Mangled, as the linker knows it; as C++ writes it, without parameters, for an inlined function
  // that the linker does not know: a::F::{lambda#2}::operator() for the second lambda in a::F.
  std::string function;
  std::string file;     // absolute where the debug information says so; may be empty
  int line = 0;         // 0 where it is unknown
  int start_line = 0;   // of the function; the same
  uint64_t offset = 0;  // of the address from the beginning of the symbol that holds it
};

// The functions at an address, innermost first: those that the compiler inlined and the one that
// they are in. From the debug information of the program and its libraries, else from their symbol
// tables; empty where neither knows it. The result is kept for ever, so that a library which is
// unloaded must have been looked up before. Thread-safe.
const std::vector<Frame>& Symbolize(uintptr_t address);

// Whether a function only passes an allocation on: operator new, the runtime, the profiler, and the
// standard library's containers. Takes Frame::function.
bool IsAllocator(std::string_view function);

// One call on a stack; `address` lies inside the call instruction.
struct Call {
  uintptr_t address;
  std::span<const Frame> frames;  // innermost first; empty where nothing is known
};

// The calls of a stack of return addresses, innermost first, without the allocator's at its
// beginning: the first frame is the function that asked for the memory. All of them where there are
// no others. Functions of a library that have no name, since it was stripped of what it does not export,
// are left out there as well: the first frame is then the exported function, or the caller's line.
std::vector<Call> VisibleCalls(const std::vector<uintptr_t>& stack);

// The executable segments of the program, which come first, and of its libraries.
struct Segment {
  uintptr_t start;
  uintptr_t limit;
  uint64_t offset;  // in the file
  std::string file;
  std::string build_id;  // hexadecimal; may be empty
};
std::vector<Segment> ExecutableSegments();

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_SYMBOLIZER_H_

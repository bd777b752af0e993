// The escape report of one source file, from two object files of it: what `go build -gcflags=-m` tells of
// Go's allocations, told of C++'s. The first object is built as the project is. In the second the compiler
// was told to keep every allocation, so a call that only the second one has is one that the optimiser did
// away with.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_ESCAPES_ESCAPE_REPORT_H_
#define HEAPWISE_BENCHMARKS_RUNNER_ESCAPES_ESCAPE_REPORT_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/runner/base/json_field.h"
#include "benchmarks/runner/escapes/escape_object.h"

namespace heapwise::runner {

enum class Escape {
  kNo,  // the allocation was removed
  kMaybe,  // allocates for some arguments: a string that is too long to lie in itself, a vector that is full
  kYes,  // allocates whenever it runs
};

// An allocation in a file. Several calls that look alike are one.
struct EscapeSite {
  int line = 0;
  int column = 0;
  std::string what;  // "operator new", "runtime::New"
  Escape escape = Escape::kNo;
  std::string function;      // the function that the line belongs to
  std::string inlined_into;  // the function whose code this is, where it is another: "Use at 9:12"
  std::vector<std::string> via;  // functions of other files between the line and the allocation
  std::string file{};  // that the line is in, absolute, where it is not the report's; else empty
};

// The sites of `file`, which includes `included` (all absolute, without dots), by line. A site is the innermost line
// of the file that leads to an allocation, be it through inlined functions or through functions of included files that
// the compiler left as calls. A line that a #line directive gives to another file counts as the file's. Then the sites
// of what else is in the object and that no line of the file calls: in files that it includes, such as virtual
// functions and global objects of its headers. Of libraries only what they are called for is told.
std::vector<EscapeSite> FindEscapes(const ObjectCalls& built, const ObjectCalls& kept,
                                    const std::string& file, const std::set<std::string>& included);

// "fast.cc:12:40: operator new does not escape [Local] via std::make_unique"
std::string EscapeLine(const std::string& shown_file, const EscapeSite& site);

// An object with the keys file, line, column, what, escapes ("yes", "maybe", "no"), function,
// inlined_into and via.
Json EscapeToJson(const std::string& shown_file, const EscapeSite& site);

// What the report cannot see: four lines. `compiler` is the ObjectCalls', `level` such as "-O2".
std::string EscapeLimits(const std::string& compiler, const std::string& level);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_ESCAPES_ESCAPE_REPORT_H_

// Which build of a program a file is.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_PROGRAM_ID_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_PROGRAM_ID_H_

#include <filesystem>
#include <string>

namespace heapwise::runner {

// The GNU build id that the linker wrote into the program, in hexadecimal digits; "fnv1a-" and a hash of the whole
// file where it has none. Two programs with the same code and the same debug information have the same one. Empty
// where the file cannot be read.
std::string ProgramId(const std::filesystem::path& program);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_PROGRAM_ID_H_

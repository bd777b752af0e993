#ifndef HEAPWISE_PPROF_TESTDATA_SITES_H_
#define HEAPWISE_PPROF_TESTDATA_SITES_H_

#include <cstdint>
#include <span>

// Functions that each allocate in one known way, on the line that is marked "site NAME".
namespace heapwise::pprof::sites {

struct Site {
  const char* name;      // in the mark
  const char* function;  // is part of the demangled name of the innermost function
  void (*allocate)();    // once; what it allocates stays in use until ForgetAll
  // That one call allocates at the site, rounded to size classes on the collected heap
  uint64_t bytes;
};

std::span<const Site> All();
void ForgetAll();

// In a shared library of its own.
char* AllocateInLibrary();

}  // namespace heapwise::pprof::sites

#endif  // HEAPWISE_PPROF_TESTDATA_SITES_H_

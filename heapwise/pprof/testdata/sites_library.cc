#include "heapwise/pprof/testdata/sites.h"

namespace heapwise::pprof::sites {

char* AllocateInLibrary() {
  char* memory = new char[2048];  // site library
  memory[0] = 'x';                // otherwise the call would be a jump, which leaves no frame
  return memory;
}

}  // namespace heapwise::pprof::sites

#include <chrono>

#include "heapwise/modes.h"
#include "lessons/02-gc-phases/lesson.h"

using namespace std::chrono_literals;
namespace runtime = heapwise::runtime;

namespace fast {

void StartService(int catalogue_mib) {
  // From now on: mark in steps, which should take no longer than 5 ms each, and in most collections
  // mark only what is new.
  runtime::EnableIncremental(5ms);
  LoadCatalogue(catalogue_mib);
}

}  // namespace fast

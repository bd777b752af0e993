// Nanoseconds per object: GC_MALLOC of bdwgc as it comes. A program of its own, because our runtime
// switches bdwgc's own trigger off.

#include "benchmarks/peers/one_object.h"
#include "benchmarks/peers/ring.h"
#include "heapwise/base/bdwgc.h"

int main(int argc, char** argv) {
  GC_INIT();
  heapwise::peers::RegisterSizes(
      "bdwgc", []<class T>(T*& slot) { slot = static_cast<T*>(GC_MALLOC(sizeof(T))); });
  return heapwise::peers::RunAndPrintOneObject(argc, argv);
}

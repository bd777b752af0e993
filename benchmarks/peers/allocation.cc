// Nanoseconds per object: New of our runtime, and new with delete.

#include "benchmarks/peers/one_object.h"
#include "benchmarks/peers/ring.h"
#include "heapwise/heap.h"

int main(int argc, char** argv) {
  heapwise::peers::RegisterSizes("ours",
                                 []<class T>(T*& slot) { slot = heapwise::runtime::New<T>(); });
  heapwise::peers::RegisterSizes("new_delete", []<class T>(T*& slot) {
    delete slot;
    slot = new T();
  });
  return heapwise::peers::RunAndPrintOneObject(argc, argv);
}

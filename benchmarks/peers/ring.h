#ifndef HEAPWISE_BENCHMARKS_PEERS_RING_H_
#define HEAPWISE_BENCHMARKS_PEERS_RING_H_

#include <cstddef>
#include <string>

#include "benchmark/benchmark.h"

// What every program of the allocation comparison does: put a fresh, cleared object that holds a
// pointer into the next slot of a ring in static memory, so that it lives for kSlots allocations.
// allocation.go does the same.
namespace heapwise::peers {

template <size_t size>
struct Object {
  Object* next;
  char payload[size - sizeof(void*)];
};

inline constexpr size_t kSlots = 1024;

// One for each size and each way to allocate.
template <size_t size, class Allocate>
Object<size>* ring[kSlots];

// Registers `name`/16, /32, /64 and /1024. allocate(slot) fills a slot of type Object<size>*&.
template <class Allocate>
void RegisterSizes(const std::string& name, Allocate allocate) {
  const auto add = [&]<size_t size>() {
    benchmark::RegisterBenchmark((name + "/" + std::to_string(size)).c_str(),
                                 [allocate](benchmark::State& state) {
                                   size_t i = 0;
                                   for (auto _ : state) {
                                     allocate(ring<size, Allocate>[i % kSlots]);
                                     benchmark::ClobberMemory();
                                     ++i;
                                   }
                                 });
  };
  add.template operator()<16>();
  add.template operator()<32>();
  add.template operator()<64>();
  add.template operator()<1024>();
}

}  // namespace heapwise::peers

#endif  // HEAPWISE_BENCHMARKS_PEERS_RING_H_

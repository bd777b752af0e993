#include "lessons/05-value-return/records.h"

#include "heapwise/heap.h"

namespace slow {

template <size_t kBytes>
Record<kBytes>* CreateRecord() {
  auto* record = heapwise::runtime::New<Record<kBytes>>();
  record->user.name = "John";
  record->user.age = 30;
  return record;
}

template Record<256>* CreateRecord<256>();
template Record<1024>* CreateRecord<1024>();
template Record<8192>* CreateRecord<8192>();
template Record<65536>* CreateRecord<65536>();

}  // namespace slow

namespace fast {

template <size_t kBytes>
Record<kBytes> CreateRecord() {
  Record<kBytes> record = {};
  record.user.name = "John";
  record.user.age = 30;
  return record;
}

template Record<256> CreateRecord<256>();
template Record<1024> CreateRecord<1024>();
template Record<8192> CreateRecord<8192>();
template Record<65536> CreateRecord<65536>();

}  // namespace fast

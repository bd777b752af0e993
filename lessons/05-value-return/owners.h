// One record for four owners: here a value has to be copied, and a pointer does not.
#ifndef HEAPWISE_LESSONS_05_VALUE_RETURN_OWNERS_H_
#define HEAPWISE_LESSONS_05_VALUE_RETURN_OWNERS_H_

#include <array>
#include <cstddef>

#include "lessons/05-value-return/records.h"

inline constexpr int kOwners = 4;

// Both are compiled for the sizes of records.h.

// Every owner gets a copy of its own.
template <size_t kBytes>
std::array<Record<kBytes>, kOwners> CopyToOwners();

// Every owner gets the address of the one record on the garbage-collected heap.
template <size_t kBytes>
std::array<Record<kBytes>*, kOwners> ShareWithOwners();

#endif  // HEAPWISE_LESSONS_05_VALUE_RETURN_OWNERS_H_

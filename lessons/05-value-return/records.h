// Users that carry a picture: what becomes of pointer and value as the struct grows.
#ifndef HEAPWISE_LESSONS_05_VALUE_RETURN_RECORDS_H_
#define HEAPWISE_LESSONS_05_VALUE_RETURN_RECORDS_H_

#include <array>
#include <cstddef>

#include "lessons/05-value-return/lesson.h"

// A User and a picture: kBytes in all.
template <size_t kBytes>
struct Record {
  User user;
  std::array<std::byte, kBytes - sizeof(User)> picture;
};

// Both are compiled for records of 256, 1024, 8192 and 65536 bytes. The picture is all zero.
namespace slow {

template <size_t kBytes>
Record<kBytes>* CreateRecord();

}  // namespace slow

namespace fast {

template <size_t kBytes>
Record<kBytes> CreateRecord();

}  // namespace fast

#endif  // HEAPWISE_LESSONS_05_VALUE_RETURN_RECORDS_H_

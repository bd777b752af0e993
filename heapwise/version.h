#ifndef HEAPWISE_VERSION_H_
#define HEAPWISE_VERSION_H_

// The version of the library that a program is compiled with, as CHANGELOG.md counts; CMakeLists.txt reads it from
// here. While the first number is 0, the second rises when a program may have to change.
#define HEAPWISE_VERSION_MAJOR 0
#define HEAPWISE_VERSION_MINOR 3
#define HEAPWISE_VERSION_PATCH 0

#endif  // HEAPWISE_VERSION_H_

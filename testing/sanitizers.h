#ifndef HEAPWISE_TESTING_SANITIZERS_H_
#define HEAPWISE_TESTING_SANITIZERS_H_

namespace heapwise::test {

// Whether this is compiled with AddressSanitizer, whose own malloc has locks that a fork of several threads leaves held
// (GCC 12): children may hang in it. GCC says so with a macro, Clang with a feature.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif
#else
inline constexpr bool kAddressSanitizer = false;
#endif

}  // namespace heapwise::test

#endif  // HEAPWISE_TESTING_SANITIZERS_H_

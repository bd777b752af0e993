#include "benchmarks/runner/escapes/escape_object.h"

#include <string>

#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

// "" for a function that does not allocate, and a question mark behind one that may.
std::string What(std::string_view symbol) {
  const std::optional<AllocationFunction> function = FindAllocationFunction(symbol);
  if (!function) return "";
  return function->what + (function->sometimes ? "?" : "");
}

TEST(AllocationFunctionTest, KnowsEveryFormOfNew) {
  EXPECT_EQ(What("_Znwm"), "operator new");
  EXPECT_EQ(What("_ZnwmRKSt9nothrow_t"), "operator new");
  EXPECT_EQ(What("_ZnwmSt11align_val_t"), "operator new");
  EXPECT_EQ(What("_Znam"), "operator new[]");
  EXPECT_EQ(What("_ZnamSt11align_val_tRKSt9nothrow_t"), "operator new[]");
  EXPECT_EQ(What("_ZnwmPv"), "");
  EXPECT_EQ(What("_ZdlPv"), "");
}

TEST(AllocationFunctionTest, KnowsMallocExceptionsAndTheCollectedHeap) {
  EXPECT_EQ(What("malloc"), "malloc");
  EXPECT_EQ(What("malloc_trim"), "");
  EXPECT_EQ(What("free"), "");
  EXPECT_EQ(What("__cxa_allocate_exception"), "exception");
  EXPECT_EQ(What("_ZN8heapwise7runtime8internal17AllocateSmallSlowEmNS1_4KindE"), "GC object");
  EXPECT_EQ(What("_ZN8heapwise7runtime8internal13AllocateLargeEmNS1_4KindE"), "GC object");
  EXPECT_EQ(What("_ZN8heapwise7runtime8internal15AllocateAlignedEmmNS1_4KindE"), "GC object");
  EXPECT_EQ(What("_ZN8heapwise7runtime2GCEv"), "");
}

TEST(AllocationFunctionTest, KnowsWhatOfTheLibraryMayAllocate) {
  const std::string string = "_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE";
  EXPECT_EQ(What(string + "9_M_createERmm"), "std::string?");
  EXPECT_EQ(What(string + "9_M_appendEPKcm"), "std::string?");
  EXPECT_EQ(What(string + "9_M_mutateEmmPKcm"), "std::string?");
  EXPECT_EQ(What(string + "10_M_disposeEv"), "");
  EXPECT_EQ(What("_ZNKSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE7compareEPKc"), "");
  EXPECT_EQ(What("_ZNSt13runtime_errorC1EPKc"), "std::runtime_error?");
  EXPECT_EQ(What("_ZNSt13runtime_errorD1Ev"), "");
  EXPECT_EQ(What("_ZNSolsEi"), "");
}

TEST(ReadObjectTest, RefusesWhatIsNoObjectFile) {
  EXPECT_FALSE(ReadObject("/no/such/file.o").ok());
  EXPECT_FALSE(ReadObject("/bin").ok());
  EXPECT_FALSE(ReadObject(__FILE__).ok());
}

}  // namespace
}  // namespace heapwise::runner

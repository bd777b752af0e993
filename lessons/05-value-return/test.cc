#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "benchmarks/harness/alloc_counter.h"
#include "heapwise/heap.h"
#include "lessons/05-value-return/inlined.h"
#include "lessons/05-value-return/lesson.h"
#include "lessons/05-value-return/owners.h"
#include "lessons/05-value-return/records.h"

using heapwise::bench::Allocations;
using heapwise::bench::CountAllocations;

namespace {

void ExpectJohn(const User& user) {
  EXPECT_EQ(user.name, "John");
  EXPECT_EQ(user.id, 0);
  EXPECT_EQ(user.age, 30);
}

TEST(ValueReturn, SlowAndFastGiveTheSameUser) {
  ExpectJohn(*slow::CreateUser());
  ExpectJohn(*slow::CreateUniqueUser());
  ExpectJohn(fast::CreateUser());
  ExpectJohn(*inlined::CreateUser());
  ExpectJohn(*inlined::CreateUniqueUser());
  ExpectJohn(inlined::CreateUserValue());
}

TEST(ValueReturn, PointerAllocatesOneObjectACall) {
  const Allocations made = CountAllocations([] {
    for (int i = 0; i < 1000; ++i) slow::CreateUser();
  });
  EXPECT_EQ(made.gc_allocs, 1000u);
  EXPECT_EQ(made.new_allocs, 0u);
  EXPECT_GE(made.gc_bytes, 1000 * sizeof(User));
}

TEST(ValueReturn, UniquePointerAllocatesOneObjectACall) {
  const Allocations made = CountAllocations([] {
    for (int i = 0; i < 1000; ++i) slow::CreateUniqueUser();
  });
  EXPECT_EQ(made.new_allocs, 1000u);
  EXPECT_EQ(made.new_bytes, 1000 * sizeof(User));
  EXPECT_EQ(made.gc_allocs, 0u);
}

TEST(ValueReturn, ValueAllocatesNothing) {
  const Allocations made = CountAllocations([] {
    for (int i = 0; i < 1000; ++i) fast::CreateUser();
  });
  EXPECT_EQ(made.allocs(), 0u);
}

// What the compiler may leave out, and what it may not.

TEST(Inlined, OperatorNewIsLeftOut) {
#ifndef __OPTIMIZE__
  GTEST_SKIP() << "compiled without optimisation: nothing is inlined";
#endif
  int64_t age = 0;
  const Allocations made = CountAllocations([&age] { age = inlined::CreateUniqueUser()->age; });
  EXPECT_EQ(age, 30);
  EXPECT_EQ(made.allocs(), 0u);
}

TEST(Inlined, OperatorNewStaysWhereThePointerLivesOn) {
  std::unique_ptr<User> user;
  const Allocations made = CountAllocations([&user] { user = inlined::CreateUniqueUser(); });
  ExpectJohn(*user);
  EXPECT_EQ(made.new_allocs, 1u);
}

TEST(Inlined, TheCollectedHeapIsNeverLeftOut) {
  int64_t age = 0;
  const Allocations made = CountAllocations([&age] { age = inlined::CreateUser()->age; });
  EXPECT_EQ(age, 30);
  EXPECT_EQ(made.gc_allocs, 1u);
}

// How often a value is really copied on its way out of a function.

struct Traveller {
  Traveller() = default;
  Traveller(const Traveller& other) : copies(other.copies + 1), moves(other.moves) {}
  Traveller(Traveller&& other) noexcept : copies(other.copies), moves(other.moves + 1) {}
  int copies = 0;
  int moves = 0;
};

Traveller ReturnLocal() {
  Traveller traveller;
  return traveller;
}

Traveller ReturnThroughTwo() { return ReturnLocal(); }

// Known wrong: std::move was meant to save a copy, and takes away the compiler's right to build in
// place.
Traveller ReturnMoved() {
  Traveller traveller;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpessimizing-move"
  return std::move(traveller);
#pragma GCC diagnostic pop
}

TEST(ReturnedValue, IsBuiltInTheCallersFrame) {
  const Traveller direct = ReturnLocal();
  EXPECT_EQ(direct.copies, 0);
  EXPECT_EQ(direct.moves, 0);
  const Traveller through_two = ReturnThroughTwo();
  EXPECT_EQ(through_two.copies, 0);
  EXPECT_EQ(through_two.moves, 0);
}

TEST(ReturnedValue, IsMovedWhereReturnSaysMove) {
  const Traveller moved = ReturnMoved();
  EXPECT_EQ(moved.copies, 0);
  EXPECT_EQ(moved.moves, 1);
}

TEST(ReturnedValue, IsCopiedIntoAContainer) {
  const Traveller traveller = ReturnLocal();
  const std::vector<Traveller> owners(1, traveller);
  EXPECT_EQ(owners[0].copies, 1);
}

template <size_t kBytes>
void ExpectRecordOf() {
  SCOPED_TRACE(kBytes);
  static_assert(sizeof(Record<kBytes>) == kBytes);
  const Record<kBytes> by_value = fast::CreateRecord<kBytes>();
  const Record<kBytes>* const by_pointer = slow::CreateRecord<kBytes>();
  ExpectJohn(by_value.user);
  ExpectJohn(by_pointer->user);
  EXPECT_EQ(by_value.picture, by_pointer->picture);
  EXPECT_EQ(CountAllocations([] { fast::CreateRecord<kBytes>(); }).allocs(), 0u);
  const Allocations made = CountAllocations([] { slow::CreateRecord<kBytes>(); });
  EXPECT_EQ(made.allocs(), 1u);
  EXPECT_GE(made.bytes(), kBytes);
}

TEST(Records, EverySizeAllocatesOneAsPointerAndNoneAsValue) {
  ExpectRecordOf<256>();
  ExpectRecordOf<1024>();
  ExpectRecordOf<8192>();
  ExpectRecordOf<65536>();
}

TEST(Owners, CopiesAreApartAndAllocateNothing) {
  std::array<Record<256>, kOwners> owners;
  const Allocations made = CountAllocations([&owners] { owners = CopyToOwners<256>(); });
  EXPECT_EQ(made.allocs(), 0u);
  owners[0].user.age = 31;
  for (int i = 1; i < kOwners; ++i) ExpectJohn(owners[i].user);
}

TEST(Owners, ThatShareAllocateOnceAndSeeEachOthersChanges) {
  std::array<Record<256>*, kOwners> owners;
  const Allocations made = CountAllocations([&owners] { owners = ShareWithOwners<256>(); });
  EXPECT_EQ(made.gc_allocs, 1u);
  owners[0]->user.age = 31;
  for (const Record<256>* owner : owners) EXPECT_EQ(owner->user.age, 31);
}

TEST(Exercise, FindsTheOldest) {
  const std::vector<User> users = {{"Ann", 1, 41}, {"Bob", 2, 67}, {"Eve", 3, 67}, {"Joe", 4, 23}};
  EXPECT_EQ(exercise::Oldest(users).name, "Bob");
  EXPECT_EQ(exercise::Oldest(std::span(users).first(1)).name, "Ann");
  EXPECT_EQ(exercise::Oldest(std::span(users).last(1)).name, "Joe");
}

TEST(Exercise, AllocatesNothing) {
  const std::vector<User> users(1000, User{"Ann", 1, 41});
  const Allocations made = CountAllocations([&users] { exercise::Oldest(users); });
  EXPECT_EQ(made.allocs(), 0u) << "Oldest must not use the heap, for however many users";
}

}  // namespace

#include "heapwise/pprof/tables.h"

#include <map>
#include <random>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace heapwise::pprof::internal {
namespace {

void* Address(uintptr_t n) { return reinterpret_cast<void*>(16 * n); }

TEST(BucketTableTest, StackSizeAndIntervalMakeABucket) {
  BucketTable buckets;
  ASSERT_TRUE(buckets.Start());
  const uintptr_t stack[] = {1, 2, 3};
  Bucket* const bucket = buckets.Find(stack, 3, 32, 512);
  EXPECT_EQ(buckets.Find(stack, 3, 32, 512), bucket);
  EXPECT_EQ(std::vector<uintptr_t>(bucket->stack(), bucket->stack() + bucket->depth),
            (std::vector<uintptr_t>{1, 2, 3}));
  EXPECT_EQ(bucket->bytes, 32u);
  EXPECT_EQ(bucket->interval, 512);
  const uintptr_t other[] = {1, 2, 4};
  std::set<Bucket*> different = {bucket, buckets.Find(other, 3, 32, 512),
                                 buckets.Find(stack, 2, 32, 512), buckets.Find(stack, 3, 48, 512),
                                 buckets.Find(stack, 3, 32, 1)};
  EXPECT_EQ(different.size(), 5u);
  EXPECT_EQ(buckets.size(), 5u);
  for (const Bucket* b = buckets.first(); b != nullptr; b = b->next) {
    EXPECT_EQ(different.erase(const_cast<Bucket*>(b)), 1u);
  }
  EXPECT_TRUE(different.empty());
}

// More than there are slots: several share one.
TEST(BucketTableTest, ManyAreFoundAgain) {
  BucketTable buckets;
  ASSERT_TRUE(buckets.Start());
  std::vector<Bucket*> found;
  for (uintptr_t n = 0; n < 50'000; ++n) found.push_back(buckets.Find(&n, 1, 16, 1));
  for (uintptr_t n = 0; n < 50'000; ++n) ASSERT_EQ(buckets.Find(&n, 1, 16, 1), found[n]);
  EXPECT_EQ(buckets.size(), 50'000u);
}

TEST(BucketTest, WhatCameAfterAStopWaits) {
  BucketTable buckets;
  ASSERT_TRUE(buckets.Start());
  Bucket& bucket = *buckets.Find(nullptr, 0, 16, 1);
  bucket.At(0).allocs += 1;
  bucket.At(1).allocs += 2;  // after stop 1
  bucket.At(1).frees += 1;
  bucket.Publish(/*before_stop=*/1);
  EXPECT_EQ(bucket.published.allocs, 1u);
  EXPECT_EQ(bucket.published.frees, 0u);
  bucket.At(2).allocs += 4;
  bucket.At(3).allocs += 8;
  bucket.Publish(/*before_stop=*/3);
  EXPECT_EQ(bucket.published.allocs, 7u);
  EXPECT_EQ(bucket.published.frees, 1u);
  bucket.Publish(/*before_stop=*/4);
  bucket.Publish(/*before_stop=*/5);
  EXPECT_EQ(bucket.published.allocs, 15u) << "each once";
}

TEST(ObjectTableTest, OnlyWhatIsOlderThanTheStopCanBeDead) {
  BucketTable buckets;
  ASSERT_TRUE(buckets.Start());
  Bucket* const bucket = buckets.Find(nullptr, 0, 16, 1);
  ObjectTable objects;
  // Odd ones are marked. Of each kind: before the stop, right after it, later.
  for (uintptr_t n = 0; n < 3000; ++n)
    ASSERT_TRUE(objects.Insert(Address(n), bucket, 4 + n / 1000));
  const auto is_odd = [](void* object) {
    return reinterpret_cast<uintptr_t>(object) / 16 % 2 == 1;
  };
  objects.RemoveDead(/*before_stop=*/5, is_odd);
  EXPECT_EQ(bucket->published.frees, 500u);
  objects.RemoveDead(5, is_odd);
  EXPECT_EQ(bucket->published.frees, 500u) << "a death is counted once";
  objects.RemoveDead(6, is_odd);
  EXPECT_EQ(bucket->published.frees, 1000u);
  objects.RemoveDead(7, [](void*) { return false; });
  EXPECT_EQ(bucket->published.frees, 3000u);
}

TEST(NewTableTest, RemembersWhatAMapDoes) {
  NewTable table;
  EXPECT_EQ(table.Remove(Address(1)), nullptr);
  std::map<void*, Bucket*> expected;
  std::vector<Bucket> buckets(50);
  std::mt19937 random(1);
  for (int i = 0; i < 200'000; ++i) {
    void* const address = Address(1 + random() % 5000);
    if (random() % 2 == 0 && !expected.contains(address)) {
      expected[address] = &buckets[random() % buckets.size()];
      ASSERT_TRUE(table.Insert(address, expected[address]));
    } else {
      const auto place = expected.find(address);
      ASSERT_EQ(table.Remove(address), place == expected.end() ? nullptr : place->second);
      if (place != expected.end()) expected.erase(place);
    }
  }
  for (const auto& [address, bucket] : expected) ASSERT_EQ(table.Remove(address), bucket);
}

}  // namespace
}  // namespace heapwise::pprof::internal

#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "benchmarks/harness/alloc_counter.h"
#include "gtest/gtest.h"
#include "heapwise/heap.h"
#include "lessons/07-buffer-pool/lesson.h"

namespace {

using heapwise::bench::Allocations;
using heapwise::bench::CountAllocations;
using heapwise::runtime::GC;

constexpr size_t kHuge = 1 << 20;

// Keeps nothing, so that it allocates nothing itself.
class Discard : public Writer {
 public:
  void Write(std::string_view) override {}
};

class Recorder : public Writer {
 public:
  void Write(std::string_view bytes) override { text_ += bytes; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

using Handler = void (*)(const Request&, Writer&);

std::string ReplyOf(Handler handle, const Request& request) {
  Recorder out;
  handle(request, out);
  return out.text();
}

Allocations AllocationsOf(Handler handle, size_t payload_bytes) {
  const std::string payload(payload_bytes, 'x');
  const Request request = {.id = std::numeric_limits<int64_t>::min(), .payload = payload};
  Discard out;
  return CountAllocations([&] { handle(request, out); });
}

// Every test starts with empty pools: two collections clear them.
class BufferPool : public testing::Test {
 protected:
  void SetUp() override {
    GC();
    GC();
  }
};

TEST_F(BufferPool, EveryVariantWritesTheSameReply) {
  const std::string payload = R"("hello")";
  const std::string line = "{\"id\":-7,\"payload\":\"hello\"}\n";
  EXPECT_EQ(ReplyOf(slow::Handle, {.id = -7, .payload = payload}), line);
  EXPECT_EQ(ReplyOf(fast::Handle, {.id = -7, .payload = payload}), line);
  EXPECT_EQ(ReplyOf(fresh_string::Handle, {.id = -7, .payload = payload}), line);

  for (const size_t size : {0, 1, 64, 1 << 10, 64 << 10, 1 << 20, 64}) {
    const std::string text(size, 'y');
    const Request request = {.id = std::numeric_limits<int64_t>::min(), .payload = text};
    const std::string expected = ReplyOf(slow::Handle, request);
    EXPECT_EQ(expected, "{\"id\":-9223372036854775808,\"payload\":" + text + "}\n");
    EXPECT_EQ(ReplyOf(fast::Handle, request), expected) << size;
    EXPECT_EQ(ReplyOf(fresh_string::Handle, request), expected) << size;
    EXPECT_EQ(ReplyOf(thread_string::Handle, request), expected) << size;
  }
}

TEST_F(BufferPool, AFreshBufferCostsTwoAllocationsTheBufferAndItsBytes) {
  for (const size_t size : {64, 1 << 10, 64 << 10}) {
    const Allocations made = AllocationsOf(slow::Handle, size);
    EXPECT_EQ(made.gc_allocs, 2u) << size;
    EXPECT_EQ(made.new_allocs, 0u) << size;
    EXPECT_GE(made.gc_bytes, size) << size;
  }
}

TEST_F(BufferPool, AFreshStringCostsOne) {
  for (const size_t size : {64, 1 << 10, 64 << 10}) {
    const Allocations made = AllocationsOf(fresh_string::Handle, size);
    EXPECT_EQ(made.new_allocs, 1u) << size;
    EXPECT_EQ(made.gc_allocs, 0u) << size;
  }
}

TEST_F(BufferPool, AStringForEachThreadCostsNothingOnceItIsThere) {
  AllocationsOf(thread_string::Handle, 1 << 10);
  EXPECT_EQ(AllocationsOf(thread_string::Handle, 1 << 10).allocs(), 0u);
}

TEST_F(BufferPool, APooledBufferCostsNothingOnceItIsThere) {
  EXPECT_EQ(AllocationsOf(fast::Handle, 1 << 10).allocs(), 2u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(AllocationsOf(fast::Handle, 1 << 10).allocs(), 0u);
}

TEST_F(BufferPool, AnIdleBufferSurvivesOneCollection) {
  AllocationsOf(fast::Handle, 64);
  for (int i = 0; i < 10; ++i) {
    GC();
    EXPECT_EQ(AllocationsOf(fast::Handle, 64).allocs(), 0u);
  }
}

TEST_F(BufferPool, AnIdleBufferIsGoneAfterTwoCollections) {
  AllocationsOf(fast::Handle, 64);
  for (int i = 0; i < 10; ++i) {
    GC();
    GC();
    EXPECT_EQ(AllocationsOf(fast::Handle, 64).allocs(), 2u);
  }
}

TEST_F(BufferPool, WithoutResetARequestSeesTheBytesOfAnother) {
  const Request alice = {.id = 1, .payload = R"("password of Alice")"};
  const Request bob = {.id = 2, .payload = R"("greeting")"};

  ReplyOf(wrong_no_reset::Handle, alice);
  EXPECT_EQ(ReplyOf(wrong_no_reset::Handle, bob),
            "{\"id\":1,\"payload\":\"password of Alice\"}\n"
            "{\"id\":2,\"payload\":\"greeting\"}\n");

  ReplyOf(fast::Handle, alice);
  EXPECT_EQ(ReplyOf(fast::Handle, bob), "{\"id\":2,\"payload\":\"greeting\"}\n");
}

// Whether a huge buffer is still in the pool shows in the next huge request: it allocates nothing
// then.
TEST_F(BufferPool, SmallRequestsKeepAHugeBufferAlive) {
  AllocationsOf(wrong_huge_buffer::Handle, kHuge);
  for (int i = 0; i < 10; ++i) {
    AllocationsOf(wrong_huge_buffer::Handle, 64);
    GC();
  }
  EXPECT_EQ(AllocationsOf(wrong_huge_buffer::Handle, kHuge).allocs(), 0u);
}

TEST_F(BufferPool, ACappedPoolLeavesAHugeBufferToTheCollector) {
  AllocationsOf(fast::Handle, kHuge);
  const Allocations next = AllocationsOf(fast::Handle, 64);
  EXPECT_EQ(next.allocs(), 2u);
  EXPECT_LT(next.bytes(), 1024u);
  EXPECT_EQ(AllocationsOf(fast::Handle, 64).allocs(), 0u);
}

TEST_F(BufferPool, EveryThreadGetsItsOwnReplyWhileTheHeapIsCollected) {
  constexpr int kThreads = 4;
  std::atomic<int> running = kThreads;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int id = 0; id < kThreads; ++id) {
    threads.emplace_back([&, id] {
      const heapwise::runtime::ThreadScope registered;
      const std::string payload(100, static_cast<char>('a' + id));
      const Request request = {.id = id, .payload = payload};
      const std::string expected = ReplyOf(slow::Handle, request);
      for (int i = 0; i < 20'000; ++i) {
        if (ReplyOf(fast::Handle, request) != expected) ++wrong;
      }
      --running;
    });
  }
  while (running > 0) GC();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(BufferPool, ABufferGrowsByDoublingAndKeepsItsMemoryOnReset) {
  Buffer buffer;
  EXPECT_EQ(buffer.Cap(), 0u);
  buffer.Write("");
  EXPECT_EQ(buffer.Bytes(), "");

  std::string expected;
  const Allocations made = CountAllocations([&] {
    for (int i = 0; i < 1000; ++i) buffer.Write("0123456789");
  });
  for (int i = 0; i < 1000; ++i) expected += "0123456789";
  EXPECT_EQ(buffer.Bytes(), expected);
  EXPECT_EQ(made.gc_allocs, 11u);  // 10, 20, 40 ... 10,240 bytes
  EXPECT_EQ(buffer.Cap(), 10'240u);

  buffer.Reset();
  EXPECT_EQ(buffer.Len(), 0u);
  EXPECT_EQ(buffer.Cap(), 10'240u);
  buffer.Grow(10'240);
  EXPECT_EQ(buffer.Cap(), 10'240u);
}

// namespace exercise: the student's file, or the solution.
class Exercise : public BufferPool {
 protected:
  static std::string Escaped(std::string_view text) {
    Recorder out;
    exercise::WriteEscaped(text, out);
    return out.text();
  }

  static uint64_t AllocationsOf(std::string_view text) {
    Discard out;
    return CountAllocations([&] { exercise::WriteEscaped(text, out); }).allocs();
  }
};

TEST_F(Exercise, EscapesTheText) {
  EXPECT_EQ(Escaped("if (a < b && b > c)"), "if (a &lt; b &amp;&amp; b &gt; c)");
  EXPECT_EQ(Escaped(""), "");
}

TEST_F(Exercise, ShowsNoCallTheTextOfAnother) {
  Escaped("a long text that came from another user");
  EXPECT_EQ(Escaped("short"), "short");
  EXPECT_EQ(Escaped(""), "");
}

TEST_F(Exercise, AllocatesNothingWhenABufferIsInThePool) {
  AllocationsOf("a < b");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(AllocationsOf("b > a"), 0u);
}

TEST_F(Exercise, KeepsNoHugeBuffer) {
  AllocationsOf(std::string(kHuge, '<'));
  EXPECT_GT(AllocationsOf("a < b"), 0u) << "the huge buffer was still in the pool";
  EXPECT_EQ(AllocationsOf("a < b"), 0u);
}

}  // namespace

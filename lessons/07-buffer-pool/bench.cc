#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/harness/lesson.h"
#include "heapwise/heap.h"
#include "lessons/07-buffer-pool/lesson.h"

namespace {

constexpr int64_t kSmall = 64;
constexpr int64_t kHuge = 1 << 20;

class ByteCounter : public Writer {
 public:
  void Write(std::string_view bytes) override { count_ += bytes.size(); }
  size_t count() const { return count_; }

 private:
  size_t count_ = 0;
};

Request RequestOf(int64_t payload_bytes) {
  static const std::string text(kHuge, 'x');
  return {.id = 1234567, .payload = std::string_view(text).substr(0, payload_bytes)};
}

// One call of `handle`, as a body: returns the bytes sent.
template <class Handle>
auto CallOf(Handle handle) {
  return [handle](int64_t payload_bytes) {
    ByteCounter out;
    handle(RequestOf(payload_bytes), out);
    return out.count();
  };
}

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  using heapwise::runtime::GC;
  const std::vector<int64_t> sizes = {64, 1 << 10, 8 << 10, 64 << 10};
  const auto slow = CallOf(slow::Handle);
  const auto fast = CallOf(fast::Handle);
  const auto huge_kept = CallOf(wrong_huge_buffer::Handle);

  lesson.Slow(slow).Sizes(sizes).Threads({2});
  lesson.Fast(fast).Sizes(sizes).Threads({2});
  lesson.Add("fresh_string", CallOf(fresh_string::Handle)).Sizes(sizes);
  lesson.Add("thread_string", CallOf(thread_string::Handle)).Sizes({kSmall});

  // A request, then a pause in which the heap is collected once, or twice. The pause before the
  // first request is as long: the harness collects after the setup.
  lesson.Add("idle_one_collection", [fast] { fast(kSmall), GC(); })
      .Setup([fast] { fast(kSmall); })
      .Operations(20);
  lesson.Add("idle_two_collections", [fast] { fast(kSmall), GC(), GC(); })
      .Setup([fast] { fast(kSmall), GC(); })
      .Operations(20);

  // One huge request, then small ones.
  lesson.Add("wrong_huge_buffer", [huge_kept] { huge_kept(kSmall), GC(); })
      .Setup([huge_kept] { huge_kept(kHuge); })
      .Operations(20);
  lesson.Add("huge_dropped", [fast] { fast(kSmall), GC(); })
      .Setup([fast] { fast(kHuge); })
      .Operations(20);
}

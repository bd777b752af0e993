// main() of every lesson program: Google Benchmark's own, with four flags more.
#include <malloc.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "benchmark/benchmark.h"
#include "benchmarks/harness/context.h"
#include "benchmarks/harness/google_benchmark.h"
#include "benchmarks/harness/lesson.h"
#include "benchmarks/harness/measurement.h"
#include "benchmarks/harness/profile.h"
#include "benchmarks/harness/reporter.h"
#include "heapwise/gc/heap_memory.h"
#include "heapwise/heap.h"

namespace {

constexpr std::string_view kSeedFlag = "--heapwise_seed=";
constexpr std::string_view kTimelineFlag = "--heapwise_timeline=";
constexpr std::string_view kProfileFlag = "--heapwise_profile=";
constexpr std::string_view kProfileRateFlag = "--heapwise_profile_rate=";
constexpr int kUsageError = 2;

struct Flags {
  std::optional<uint64_t> seed;
  std::string profile;  // empty: none
  int64_t profile_rate = 512 << 10;
};

// Starts the program once more, with the calls of all libraries bound when it starts (ld.so(8)). Otherwise each is bound
// when it is first made, and for that the dynamic linker saves the vector registers on the stack: addresses of the heap
// that a copy has left in them come to lie in a frame of Google Benchmark's, where the collector finds them and keeps what
// is there. (Our own calls are bound at the start anyway, see CMakeLists.txt.) Where that cannot be, it goes on as it is.
void BindNow(char** argv) {
  if (std::getenv("LD_BIND_NOW") != nullptr) return;
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error || setenv("LD_BIND_NOW", "1", 1) != 0) return;
  execv(program.c_str(), argv);
}

// What is freed stays with the process, as in one that has run for a while. glibc would give large blocks back to the
// system at once, and have them again page by page at the next allocation: then a loop measures page faults.
void KeepFreedMemory() {
  constexpr int kMost = 32 << 20;  // mallopt(3) takes no more
  mallopt(M_MMAP_THRESHOLD, kMost);
  mallopt(M_TRIM_THRESHOLD, kMost);
}

// Has the system give both heaps the memory that loops of a few milliseconds go round in, and keeps it there: the first
// touch of a page can take longer than all that is done with it, and a collection before each variant would give it
// back. A lesson with a process for each variant fills its heap before it measures.
void WarmUp() {
  // three times what is allocated between two collections of a small heap
  constexpr size_t kCollected = 12 << 20;
  constexpr size_t kNew = 4 << 20;
  constexpr size_t kPiece = 1024;
  heapwise::runtime::internal::KeepFreeMemory();
  for (size_t bytes = 0; bytes < kCollected; bytes += kPiece) {
    benchmark::DoNotOptimize(heapwise::runtime::MakeSlice<char>(kPiece).data());
  }
  // Looked at in between: a block that is written and freed is left out by the optimiser.
  void* block = std::memset(std::malloc(kNew), 1, kNew);
  benchmark::DoNotOptimize(block);
  std::free(block);
}

// The whole number that is all of `digits`.
template <class Number>
bool ParseWhole(std::string_view digits, Number* value) {
  const char* const digits_end = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), digits_end, *value);
  return error == std::errc() && end == digits_end;
}

// Takes our flags out of argv, so that Google Benchmark sees only its own. False: malformed, and said so.
bool TakeFlags(int* argc, char** argv, Flags* flags) {
  int kept = 1;
  for (int i = 1; i < *argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg.starts_with(kSeedFlag)) {
      if (!ParseWhole(arg.substr(kSeedFlag.size()), &flags->seed.emplace())) {
        std::fprintf(stderr, "%s: must be a whole number from 0 to 2^64-1\n", argv[i]);
        return false;
      }
    } else if (arg.starts_with(kProfileRateFlag)) {
      if (!ParseWhole(arg.substr(kProfileRateFlag.size()), &flags->profile_rate) ||
          flags->profile_rate < 1) {
        std::fprintf(stderr, "%s: must be a whole number of bytes, 1 or more\n", argv[i]);
        return false;
      }
    } else if (arg.starts_with(kProfileFlag)) {
      flags->profile = arg.substr(kProfileFlag.size());
      if (flags->profile.empty()) {
        std::fprintf(stderr, "%s: must name a file\n", argv[i]);
        return false;
      }
    } else if (arg.starts_with(kTimelineFlag)) {
      if (arg.size() == kTimelineFlag.size()) {
        std::fprintf(stderr, "%s: must name a file\n", argv[i]);
        return false;
      }
      heapwise::bench::SetTimelineFile(std::string(arg.substr(kTimelineFlag.size())));
    } else {
      if (arg == "--help") {
        std::printf(
            "A Heapwise lesson: a Google Benchmark program with four flags more:\n"
            "          [--heapwise_seed=<n>]      run the variants in the order this number "
            "shuffles\n"
            "          [--heapwise_timeline=<file>]  append a JSON line for each collection\n"
            "          [--heapwise_profile=<file>]  write the heap profile at the end (where the "
            "lesson "
            "has one)\n"
            "          [--heapwise_profile_rate=<bytes>]  sample one allocation in so many bytes "
            "(524288)\n\n");
        std::fflush(stdout);
      }
      argv[kept++] = argv[i];
    }
  }
  *argc = kept;
  argv[kept] = nullptr;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  BindNow(argv);
  KeepFreedMemory();
  Flags flags;
  if (!TakeFlags(&argc, argv, &flags)) return kUsageError;
  const heapwise::bench::OutputFormats formats = heapwise::bench::FindOutputFormats(argc, argv);
  heapwise::bench::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return kUsageError;

  heapwise::runtime::Init();
  heapwise::bench::AddConditions();
  heapwise::bench::Lesson lesson(flags.seed.value_or(1));
  RegisterLesson(lesson);
  if (lesson.warm_up()) WarmUp();
  if (!heapwise::bench::StartProfile(flags.profile, flags.profile_rate)) return kUsageError;
  lesson.RegisterAll(flags.seed ? &*flags.seed : nullptr);
  const auto display =
      heapwise::bench::MakeReporter(formats.display, lesson.CountersOfSomeVariants());
  const auto file = heapwise::bench::MakeReporter(formats.file, lesson.CountersOfSomeVariants());
  const size_t runs = benchmark::RunSpecifiedBenchmarks(display.get(), file.get());
  heapwise::bench::FinishProfile();
  if (runs > 1 && lesson.one_process_each()) {
    std::fprintf(
        stderr,
        "note: the variants of this lesson change settings of the whole process, and these %zu "
        "shared "
        "one: each found what the one before it left.\n"
        "      For numbers to trust, name one variant (--benchmark_filter='^slow'), or run "
        "build/bin/heapwise bench.\n",
        runs);
  }
  benchmark::Shutdown();
  return 0;
}

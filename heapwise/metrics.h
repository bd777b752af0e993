#ifndef HEAPWISE_METRICS_H_
#define HEAPWISE_METRICS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Go's package runtime/metrics: what Go recommends over MemStats. Metrics have names; a program asks for those that it
// wants, and finds out at run time which ones there are.
//
//   std::vector<heapwise::metrics::Sample> samples = {{"/gc/heap/live:bytes"}, {"/sched/pauses/total/gc:seconds"}};
//   heapwise::metrics::Read(samples);
//   if (samples[0].value.kind() == heapwise::metrics::ValueKind::kUint64) Show(samples[0].value.Uint64());
//
// The names, kinds and meanings are those of Go 1.27 (runtime/metrics/description.go); each description says where ours
// differs. Left out is what nothing here corresponds to (goroutines, stacks on the heap), what is not measured, and what
// would always be 0.
//
// Any thread may call everything here at any time, also one that the collector does not know. Nothing is stopped, and no
// lock taken. Reading takes about 1 us for each thread that the program has or had at one time, and 0.1 us more for each
// histogram.
namespace heapwise::metrics {

enum class ValueKind {
  kBad,  // no such metric
  kUint64,
  kFloat64,
  kFloat64Histogram,
};

// counts[i] samples were at least buckets[i] and less than buckets[i + 1]; so there is one boundary more than there are
// counts. The first may be minus infinity and the last infinity. For a metric the buckets are always the same.
struct Float64Histogram {
  std::vector<uint64_t> counts;
  std::span<const double> buckets;
};

// The accessor of another kind than the value has ends the program with a message and status 2, where Go panics.
class Value {
 public:
  Value() = default;
  explicit Value(uint64_t number) : kind_(ValueKind::kUint64), uint64_(number) {}
  explicit Value(double number) : kind_(ValueKind::kFloat64), float64_(number) {}

  ValueKind kind() const { return kind_; }
  uint64_t Uint64() const;
  double Float64() const;
  const Float64Histogram& Histogram() const;

  // Makes a histogram of it and returns that, with what memory it had as one before.
  Float64Histogram& BecomeHistogram();

 private:
  ValueKind kind_ = ValueKind::kBad;
  uint64_t uint64_ = 0;
  double float64_ = 0;
  Float64Histogram histogram_;
};

struct Sample {
  std::string name;  // a name of All()
  Value value{};
};

struct Description {
  std::string_view name;
  std::string_view description;
  ValueKind kind;
  bool cumulative;  // never falls, nor does a count of a histogram: a rate can be made of it

  // What the value is in, and the boundaries of a histogram are: the name from the colon on.
  std::string_view unit() const { return name.substr(name.find(':') + 1); }
};

// Every metric that there is, by name.
std::span<const Description> All();

// Fills in the values. Those of a group agree with each other, as in /memory/classes and in /gc/heap; a collection may end
// between two groups. Who reads often does it with the same samples, whose histograms are then not allocated again. The
// caller sees to it that nobody else uses these samples meanwhile.
void Read(std::span<Sample> samples);

}  // namespace heapwise::metrics

#endif  // HEAPWISE_METRICS_H_

#include "benchmarks/runner/format/measures.h"

#include "absl/strings/str_replace.h"

namespace heapwise::runner {
namespace {

struct Row {
  std::string_view name;
  std::string_view label;  // {operation} becomes the lesson's
  std::string_view unit;
  bool timing;
  stats::Better better;
};

constexpr Row kTable[] = {
#include "measures.inc"  // made of measures.json by measures.cmake
};

const Row* FindRow(std::string_view name) {
  for (const Row& row : kTable) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

bool IsKnownMeasure(std::string_view name) { return FindRow(name) != nullptr; }

Measure FindMeasure(std::string_view name, std::string_view operation) {
  Measure measure;
  measure.name = std::string(name);
  if (const Row* row = FindRow(name)) {
    measure.label =
        absl::StrReplaceAll(std::string(row->label), {{"{operation}", std::string(operation)}});
    measure.unit = std::string(row->unit);
    measure.timing = row->timing;
    measure.better = row->better;
  } else {
    measure.label = measure.name;
  }
  return measure;
}

}  // namespace heapwise::runner

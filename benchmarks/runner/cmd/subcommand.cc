#include "benchmarks/runner/cmd/subcommand.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include "benchmarks/runner/base/exit_status.h"

namespace heapwise::runner {
namespace {

std::vector<Subcommand (*)()>& Makers() {
  static auto* const makers = new std::vector<Subcommand (*)()>;
  return *makers;
}

}  // namespace

Registered::Registered(Subcommand (*make)()) { Makers().push_back(make); }

std::vector<Subcommand> Subcommands() {
  std::vector<Subcommand> subcommands;
  for (const auto make : Makers()) subcommands.push_back(make());
  std::sort(subcommands.begin(), subcommands.end(), [](const Subcommand& a, const Subcommand& b) {
    return std::pair(a.place, a.usage.name) < std::pair(b.place, b.usage.name);
  });
  return subcommands;
}

int Refuse(const std::string& line) {
  std::cerr << line << "\n";
  return kExitUsage;
}

}  // namespace heapwise::runner

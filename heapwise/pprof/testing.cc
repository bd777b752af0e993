#include "heapwise/pprof/testing.h"

#include <fstream>
#include <map>

#include "gtest/gtest.h"
#include "heapwise/pprof/encode.h"
#include "heapwise/pprof/symbolizer.h"
#include "profile.pb.h"

namespace heapwise::pprof::testing {

std::vector<Decoded> Decode(const std::string& encoded) {
  perftools::profiles::Profile proto;
  EXPECT_TRUE(proto.ParseFromString(internal::Gunzip(encoded)));
  EXPECT_EQ(proto.string_table(0), "");
  std::map<uint64_t, const perftools::profiles::Location*> locations;
  std::map<uint64_t, const perftools::profiles::Function*> functions;
  std::map<uint64_t, const perftools::profiles::Mapping*> mappings;
  for (const auto& location : proto.location()) locations[location.id()] = &location;
  for (const auto& function : proto.function()) functions[function.id()] = &function;
  for (const auto& mapping : proto.mapping()) mappings[mapping.id()] = &mapping;
  std::vector<Decoded> samples;
  for (const auto& sample : proto.sample()) {
    Decoded& decoded = samples.emplace_back();
    for (const uint64_t id : sample.location_id()) {
      const auto* location = locations.at(id);
      if (location->mapping_id() != 0) {
        const auto* mapping = mappings.at(location->mapping_id());
        EXPECT_GE(location->address(), mapping->memory_start());
        EXPECT_LT(location->address(), mapping->memory_limit());
      }
      if (location->line().empty()) decoded.frames.emplace_back();
      for (const auto& line : location->line()) {
        const auto* function = functions.at(line.function_id());
        const auto text = [&proto](int64_t i) { return proto.string_table(static_cast<int>(i)); };
        const std::string name = internal::Demangle(text(function->name()));
        // pprof demangles what is the same in both.
        const bool is_plain =
            name.find("::") != std::string::npos && text(function->name()) == name;
        EXPECT_EQ(function->system_name(), is_plain ? 0 : function->name());
        decoded.frames.push_back({.function = name,
                                  .file = text(function->filename()),
                                  .line = line.line(),
                                  .start_line = function->start_line()});
      }
    }
    EXPECT_EQ(sample.value_size(), 4);
    for (int i = 0; i < 4; ++i) decoded.values[i] = sample.value(i);
  }
  return samples;
}

int64_t LineOf(const std::string& file, const std::string& mark) {
  std::ifstream in(file);
  std::string text;
  for (int64_t line = 1; std::getline(in, text); ++line) {
    if (text.ends_with(mark)) return line;
  }
  return 0;
}

}  // namespace heapwise::pprof::testing

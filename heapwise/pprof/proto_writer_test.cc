#include "heapwise/pprof/proto_writer.h"

#include <cstdint>
#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "profile.pb.h"

namespace heapwise::pprof::internal {
namespace {

// Protobuf's own bytes for the same.
std::string Serialized(const auto& message) { return message.SerializeAsString(); }

TEST(ProtoWriterTest, NumbersAreAsProtobufWritesThem) {
  for (const int64_t number :
       {int64_t{0}, int64_t{1}, int64_t{127}, int64_t{128}, int64_t{16383}, int64_t{16384},
        std::numeric_limits<int64_t>::max(), int64_t{-1}, std::numeric_limits<int64_t>::min()}) {
    perftools::profiles::Label label;
    label.set_key(number);
    label.set_num(number);
    ProtoWriter writer;
    writer.Number(1, number);
    writer.Number(3, number);
    EXPECT_EQ(writer.bytes(), Serialized(label)) << number;
  }
  perftools::profiles::Location location;
  location.set_id(std::numeric_limits<uint64_t>::max());
  ProtoWriter writer;
  writer.Number(1, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(writer.bytes(), Serialized(location));
}

TEST(ProtoWriterTest, ListsAndMessagesAreAsProtobufWritesThem) {
  perftools::profiles::Profile profile;
  profile.add_string_table("");
  profile.add_string_table(std::string(300, 'x'));
  auto& sample = *profile.add_sample();
  for (const uint64_t id : {0u, 1u, 200u}) sample.add_location_id(id);
  sample.add_label();
  ProtoWriter encoded_sample;
  encoded_sample.Numbers(1, std::to_array<uint64_t>({0, 1, 200}));
  encoded_sample.Numbers(2, {});
  encoded_sample.Bytes(3, "");
  ProtoWriter strings;
  strings.Bytes(6, "");
  strings.Bytes(6, std::string(300, 'x'));
  ProtoWriter writer;
  writer.Bytes(2, encoded_sample.bytes());
  writer.Append(strings);
  EXPECT_EQ(writer.bytes(), Serialized(profile));
}

}  // namespace
}  // namespace heapwise::pprof::internal

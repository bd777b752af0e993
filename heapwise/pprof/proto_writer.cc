#include "heapwise/pprof/proto_writer.h"

namespace heapwise::pprof::internal {
namespace {

// The wire types, of a field's tag.
constexpr uint64_t kVarint = 0;
constexpr uint64_t kLengthDelimited = 2;

constexpr uint64_t Tag(int field, uint64_t wire_type) {
  return static_cast<uint64_t>(field) << 3 | wire_type;
}

}  // namespace

void ProtoWriter::Varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
  bytes_ += static_cast<char>(value);
}

void ProtoWriter::Number(int field, uint64_t value) {
  if (value == 0) return;
  Varint(Tag(field, kVarint));
  Varint(value);
}

void ProtoWriter::Numbers(int field, std::span<const uint64_t> values) {
  if (values.empty()) return;
  ProtoWriter packed;
  for (const uint64_t value : values) packed.Varint(value);
  Bytes(field, packed.bytes_);
}

void ProtoWriter::Bytes(int field, std::string_view bytes) {
  Varint(Tag(field, kLengthDelimited));
  Varint(bytes.size());
  bytes_ += bytes;
}

}  // namespace heapwise::pprof::internal

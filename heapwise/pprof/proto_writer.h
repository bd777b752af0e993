#ifndef HEAPWISE_PPROF_PROTO_WRITER_H_
#define HEAPWISE_PPROF_PROTO_WRITER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace heapwise::pprof::internal {

// A message of protocol buffers (protobuf.dev/programming-guides/encoding), field by field: the kinds of fields that
// profile.proto has. A program that writes profiles needs no library of protocol buffers for it.
class ProtoWriter {
 public:
  // int64, uint64 and bool. Zero is what a reader takes where there is none, so that nothing is written.
  void Number(int field, uint64_t value);
  void Number(int field, int64_t value) { Number(field, static_cast<uint64_t>(value)); }

  // repeated int64 and uint64, packed.
  void Numbers(int field, std::span<const uint64_t> values);

  // A string, or a message: also an empty one, which counts where the field is repeated.
  void Bytes(int field, std::string_view bytes);

  // Fields that another writer has written.
  void Append(const ProtoWriter& fields) { bytes_ += fields.bytes_; }

  const std::string& bytes() const { return bytes_; }

 private:
  void Varint(uint64_t value);

  std::string bytes_;
};

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_PROTO_WRITER_H_

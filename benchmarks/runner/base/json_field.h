// Reading JSON strictly: every value is asked for by its type, what is missing, of the wrong type or not
// known is refused, and the refusal says where: `lessons/05-x/lesson.json: claims[2].expect: must be a string`.
//
//   JsonDocument document(file_name);
//   JsonField root = document.Parse(text);
//   root.OnlyKeys({"title", "minutes"});
//   lesson.title = root["title"].String();
//   if (!document.status().ok()) return document.status();
//
// The first error is kept and later ones are ignored; after an error every accessor returns an empty value,
// so that a reader is written as if nothing could fail and asks once, at the end. Not thread-safe.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_JSON_FIELD_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_JSON_FIELD_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "benchmarks/runner/base/json.h"

namespace heapwise::runner {

class JsonDocument;

// One value of a document and the path that leads to it. Valid as long as the document is.
class JsonField {
 public:
  std::string String() const;
  std::string NonEmptyString() const;
  // The string, which must be one of `choices`.
  std::string OneOf(std::initializer_list<std::string_view> choices) const;
  double Number() const;
  int64_t Integer() const;
  // A whole number from `least` up that an int holds.
  int Int(int least) const;
  bool Bool() const;
  // An array of at least `at_least` elements.
  std::vector<JsonField> Array(size_t at_least = 0) const;
  // An object's members in the order of the file.
  std::vector<std::pair<std::string, JsonField>> Members() const;

  // A member that must be there; nullopt below where it may be absent.
  JsonField operator[](std::string_view key) const;
  std::optional<JsonField> Find(std::string_view key) const;
  bool IsNull() const;

  // Refuses a value that is no object and any key not listed.
  void OnlyKeys(std::initializer_list<std::string_view> keys) const;

  // Refuses this value for a reason of the reader's own: "names no variant".
  void Refuse(std::string_view reason) const;

  const Json& value() const { return *value_; }

 private:
  friend class JsonDocument;
  JsonField(JsonDocument* document, const Json* value, std::string path)
      : document_(document), value_(value), path_(std::move(path)) {}
  JsonField Child(std::string_view key, const Json* value) const;
  // "must be a string, got 3"
  void RefuseType(std::string_view what) const;

  JsonDocument* document_;
  const Json* value_;
  std::string path_;
};

class JsonDocument {
 public:
  // `name` is what errors call the file.
  explicit JsonDocument(std::string name) : name_(std::move(name)) {}
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  // The document's root. Text that is no JSON is an error with its line and column; a number that is too great
  // for any type and a key that an object has twice are errors with their path.
  JsonField Parse(std::string_view text);

  // InvalidArgument with the whole message, or ok.
  const absl::Status& status() const { return status_; }

 private:
  friend class JsonField;
  void Refuse(std::string_view path, std::string_view reason);

  std::string name_;
  Json root_;
  absl::Status status_;
};

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_JSON_FIELD_H_

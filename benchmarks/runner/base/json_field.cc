#include "benchmarks/runner/base/json_field.h"

#include <algorithm>
#include <limits>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace heapwise::runner {
namespace {

// What a refused value is called in a message: itself where it is short.
std::string Describe(const Json& value) {
  constexpr size_t kLongest = 40;
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

const Json& Null() {
  static const Json* const null = new Json();
  return *null;
}

std::string Join(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : absl::StrCat(std::string(path), ".", std::string(key));
}

// Where a parser is in its document, and the first key that an object has twice: nlohmann's parser takes the
// last of them in silence.
class Place {
 public:
  void Follow(Json::parse_event_t event, const Json& parsed) {
    using Event = Json::parse_event_t;
    switch (event) {
      case Event::object_start:
      case Event::array_start:
        CountElement();
        levels_.push_back({.is_array = event == Event::array_start, .path = path_});
        break;
      case Event::object_end:
      case Event::array_end:
        levels_.pop_back();
        break;
      case Event::key: {
        const std::string key = parsed.get<std::string>();
        path_ = Join(levels_.back().path, key);
        if (!levels_.back().keys.insert(key).second && twice_.empty()) twice_ = path_;
        break;
      }
      case Event::value:
        CountElement();
        break;
    }
  }

  // The value that comes next.
  std::string Next() const {
    if (levels_.empty() || !levels_.back().is_array) return path_;
    return absl::StrFormat("%s[%d]", levels_.back().path, levels_.back().elements);
  }
  const std::string& twice() const { return twice_; }

 private:
  struct Level {
    bool is_array;
    std::string path;
    int elements = 0;
    std::set<std::string> keys = {};
  };

  void CountElement() {
    if (levels_.empty() || !levels_.back().is_array) return;
    path_ = absl::StrFormat("%s[%d]", levels_.back().path, levels_.back().elements++);
  }

  std::vector<Level> levels_;
  std::string path_;
  std::string twice_;
};

}  // namespace

void JsonField::Refuse(std::string_view reason) const { document_->Refuse(path_, reason); }

void JsonField::RefuseType(std::string_view what) const {
  Refuse(absl::StrFormat("must be %s, got %s", std::string(what), Describe(*value_)));
}

JsonField JsonField::Child(std::string_view key, const Json* value) const {
  return JsonField(document_, value, Join(path_, key));
}

std::string JsonField::String() const {
  if (!value_->is_string()) {
    RefuseType("a string");
    return "";
  }
  return value_->get<std::string>();
}

std::string JsonField::NonEmptyString() const {
  std::string text = String();
  if (text.empty()) Refuse("must not be empty");
  return text;
}

std::string JsonField::OneOf(std::initializer_list<std::string_view> choices) const {
  std::string text = String();
  if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
    std::vector<std::string> quoted;
    for (const std::string_view choice : choices) {
      quoted.push_back("\"" + std::string(choice) + "\"");
    }
    RefuseType(absl::StrCat("one of ", absl::StrJoin(quoted, ", ")));
    return std::string(*choices.begin());
  }
  return text;
}

double JsonField::Number() const {
  if (!value_->is_number()) {
    RefuseType("a number");
    return 0;
  }
  return value_->get<double>();
}

int64_t JsonField::Integer() const {
  if (!value_->is_number_integer()) {
    RefuseType("a whole number");
    return 0;
  }
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  if (value_->is_number_unsigned() && value_->get<uint64_t>() > uint64_t{kMost}) {
    RefuseType(absl::StrFormat("a whole number up to %d", kMost));
    return 0;
  }
  return value_->get<int64_t>();
}

int JsonField::Int(int least) const {
  constexpr int kMost = std::numeric_limits<int>::max();
  const int64_t number = Integer();
  if (number >= least && number <= kMost) return static_cast<int>(number);
  RefuseType(absl::StrFormat("a whole number from %d to %d", least, kMost));
  return least;
}

bool JsonField::Bool() const {
  if (!value_->is_boolean()) {
    RefuseType("true or false");
    return false;
  }
  return value_->get<bool>();
}

std::vector<JsonField> JsonField::Array(size_t at_least) const {
  std::vector<JsonField> elements;
  if (!value_->is_array()) {
    RefuseType("an array");
    return elements;
  }
  if (value_->size() < at_least) {
    Refuse(absl::StrFormat("must have at least %d element%s, has %d", at_least,
                           at_least == 1 ? "" : "s", value_->size()));
    return elements;
  }
  for (size_t i = 0; i < value_->size(); ++i) {
    elements.push_back(JsonField(document_, &(*value_)[i], absl::StrFormat("%s[%d]", path_, i)));
  }
  return elements;
}

std::vector<std::pair<std::string, JsonField>> JsonField::Members() const {
  std::vector<std::pair<std::string, JsonField>> members;
  if (!value_->is_object()) {
    RefuseType("an object");
    return members;
  }
  for (const auto& [key, value] : value_->items()) members.emplace_back(key, Child(key, &value));
  return members;
}

JsonField JsonField::operator[](std::string_view key) const {
  const std::optional<JsonField> found = Find(key);
  if (found) return *found;
  if (value_->is_object()) Child(key, &Null()).Refuse("is missing");
  return Child(key, &Null());
}

std::optional<JsonField> JsonField::Find(std::string_view key) const {
  if (!value_->is_object()) {
    RefuseType("an object");
    return std::nullopt;
  }
  const auto found = value_->find(std::string(key));
  if (found == value_->end()) return std::nullopt;
  return Child(key, &*found);
}

bool JsonField::IsNull() const { return value_->is_null(); }

void JsonField::OnlyKeys(std::initializer_list<std::string_view> keys) const {
  for (const auto& [key, field] : Members()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      field.Refuse(absl::StrCat(
          "is not a known field; known here: ",
          absl::StrJoin(keys, ", ", [](std::string* out, std::string_view k) { out->append(k); })));
    }
  }
}

JsonField JsonDocument::Parse(std::string_view text) {
  Place place;
  try {
    root_ = Json::parse(text, [&](int, Json::parse_event_t event, const Json& parsed) {
      place.Follow(event, parsed);
      return true;
    });
    if (!place.twice().empty()) Refuse(place.twice(), "is there twice");
  } catch (const nlohmann::json::parse_error& error) {
    const size_t at = std::min<size_t>(error.byte > 0 ? error.byte - 1 : 0, text.size());
    const std::string_view before = text.substr(0, at);
    const size_t line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t column = at - (before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1) + 1;
    Refuse(absl::StrFormat("line %d, column %d", line, column),
           text.empty() ? "is not JSON: the file is empty" : "is not JSON");
  } catch (const nlohmann::json::out_of_range&) {
    Refuse(place.Next(), "is a number out of range");
  }
  return JsonField(this, &root_, "");
}

void JsonDocument::Refuse(std::string_view path, std::string_view reason) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(
      path.empty() ? absl::StrFormat("%s: %s", name_, std::string(reason))
                   : absl::StrFormat("%s: %s: %s", name_, std::string(path), std::string(reason)));
}

}  // namespace heapwise::runner

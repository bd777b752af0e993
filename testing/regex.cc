#include "testing/regex.h"

#include <regex.h>

#include <cstddef>

#include "gtest/gtest.h"

namespace heapwise::test {
namespace {

class Regex {
 public:
  explicit Regex(const std::string& pattern)
      : valid_(regcomp(&compiled_, pattern.c_str(), REG_EXTENDED) == 0) {
    EXPECT_TRUE(valid_) << "no regular expression: " << pattern;
  }
  ~Regex() {
    if (valid_) regfree(&compiled_);
  }
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  // The leftmost match of what follows `from`, as offsets from there: the whole and the first group (-1: it has none).
  struct Match {
    regmatch_t whole, group;
  };
  std::optional<Match> Find(const char* from) const {
    regmatch_t found[2];
    if (!valid_ || regexec(&compiled_, from, 2, found, 0) != 0) return std::nullopt;
    return Match{found[0], found[1]};
  }

 private:
  regex_t compiled_{};
  const bool valid_;
};

std::string Part(const char* from, const regmatch_t& match) {
  return std::string(from + match.rm_so, from + match.rm_eo);
}

}  // namespace

std::optional<std::string> Search(const std::string& text, const std::string& pattern) {
  const auto match = Regex(pattern).Find(text.c_str());
  if (!match) return std::nullopt;
  return Part(text.c_str(), match->group.rm_so >= 0 ? match->group : match->whole);
}

bool Matches(const std::string& text, const std::string& pattern) {
  return Regex("^(" + pattern + ")$").Find(text.c_str()).has_value();
}

std::string ReplaceAll(const std::string& text, const std::string& pattern,
                       const std::string& replacement) {
  const Regex regex(pattern);
  std::string replaced;
  const char* at = text.c_str();
  for (auto match = regex.Find(at); match && match->whole.rm_eo > 0; match = regex.Find(at)) {
    replaced.append(at, static_cast<size_t>(match->whole.rm_so)).append(replacement);
    at += match->whole.rm_eo;
  }
  return replaced.append(at);
}

}  // namespace heapwise::test

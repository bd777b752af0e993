// Regular expressions, POSIX extended, compiled here once: <regex> takes every file that includes it seconds.
#ifndef HEAPWISE_TESTING_REGEX_H_
#define HEAPWISE_TESTING_REGEX_H_

#include <optional>
#include <string>

namespace heapwise::test {

// What the first group of `pattern` matched, or the whole where it has none: in the first place of `text` that matches.
// Fails the calling test, and finds nothing, where the pattern is none. Any thread.
std::optional<std::string> Search(const std::string& text, const std::string& pattern);

// Whether all of `text` is matched.
bool Matches(const std::string& text, const std::string& pattern);

// `text` with every match replaced. The pattern must not match nothing.
std::string ReplaceAll(const std::string& text, const std::string& pattern,
                       const std::string& replacement);

}  // namespace heapwise::test

#endif  // HEAPWISE_TESTING_REGEX_H_

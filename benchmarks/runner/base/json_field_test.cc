#include "benchmarks/runner/base/json_field.h"

#include <functional>
#include <string>

#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

// The message of what `read` finds wrong with the text.
std::string Error(const std::string& text, const std::function<void(const JsonField&)>& read) {
  JsonDocument document("f.json");
  const JsonField root = document.Parse(text);
  read(root);
  return std::string(document.status().message());
}

void ReadNothing(const JsonField&) {}

TEST(JsonFieldTest, ReadsWhatIsThere) {
  JsonDocument document("f.json");
  const JsonField root = document.Parse(R"({"s": "x", "n": 1.5, "i": 7, "b": true, "a": [1, 2]})");
  root.OnlyKeys({"s", "n", "i", "b", "a"});
  EXPECT_EQ(root["s"].String(), "x");
  EXPECT_EQ(root["n"].Number(), 1.5);
  EXPECT_EQ(root["i"].Number(), 7);
  EXPECT_EQ(root["i"].Integer(), 7);
  EXPECT_TRUE(root["b"].Bool());
  EXPECT_EQ(root["a"].Array(2).at(1).Integer(), 2);
  EXPECT_FALSE(root.Find("absent").has_value());
  EXPECT_EQ(root.Members().size(), 5u);
  EXPECT_TRUE(document.status().ok()) << document.status();
}

TEST(JsonFieldTest, SaysWhatIsWrongAndWhere) {
  const std::string text = R"({"claims": [{}, {"expect": "bigger", "value": "1", "b": 1}]})";
  EXPECT_EQ(Error(text,
                  [](const JsonField& root) {
                    root["claims"].Array().at(1)["expect"].OneOf({"more", "less", "same"});
                  }),
            R"(f.json: claims[1].expect: must be one of "more", "less", "same", got "bigger")");
  EXPECT_EQ(
      Error(text, [](const JsonField& root) { root["claims"].Array().at(1)["value"].Number(); }),
      R"(f.json: claims[1].value: must be a number, got "1")");
  EXPECT_EQ(Error(text, [](const JsonField& root) { root["claims"].Array().at(1)["b"].Bool(); }),
            "f.json: claims[1].b: must be true or false, got 1");
  EXPECT_EQ(Error(text, [](const JsonField& root) { root["claims"].Array().at(0)["id"].String(); }),
            "f.json: claims[0].id: is missing");
  EXPECT_EQ(Error(text, [](const JsonField& root) { root["claims"].Array(3); }),
            "f.json: claims: must have at least 3 elements, has 2");
  EXPECT_EQ(Error(text, [](const JsonField& root) { root["claims"].String(); }),
            "f.json: claims: must be a string, got an array");
  EXPECT_EQ(Error(text,
                  [](const JsonField& root) {
                    root.OnlyKeys({"a", "b"});
                  }),
            "f.json: claims: is not a known field; known here: a, b");
  EXPECT_EQ(Error("[]", [](const JsonField& root) { root.OnlyKeys({"a"}); }),
            "f.json: must be an object, got an array");
  EXPECT_EQ(Error(R"({"s": ""})", [](const JsonField& root) { root["s"].NonEmptyString(); }),
            "f.json: s: must not be empty");
  EXPECT_EQ(Error(R"({"i": 1.5})", [](const JsonField& root) { root["i"].Integer(); }),
            "f.json: i: must be a whole number, got 1.5");
}

TEST(JsonFieldTest, RefusesNumbersThatDoNotFit) {
  const auto as_int = [](const JsonField& root) { root["i"].Int(1); };
  EXPECT_EQ(Error(R"({"i": 1})", as_int), "");
  EXPECT_EQ(Error(R"({"i": 2147483647})", as_int), "");
  EXPECT_EQ(Error(R"({"i": 4294967297})", as_int),
            "f.json: i: must be a whole number from 1 to 2147483647, got 4294967297");
  EXPECT_EQ(Error(R"({"i": 0})", as_int),
            "f.json: i: must be a whole number from 1 to 2147483647, got 0");
  EXPECT_EQ(
      Error(R"({"i": 18446744073709551615})", [](const JsonField& root) { root["i"].Integer(); }),
      "f.json: i: must be a whole number up to 9223372036854775807, got 18446744073709551615");
  EXPECT_EQ(Error(R"({"a": [1, {"b": 2}, -1e999]})", ReadNothing),
            "f.json: a[2]: is a number out of range");
}

TEST(JsonFieldTest, RefusesAKeyThatIsThereTwice) {
  EXPECT_EQ(Error(R"({"a": 1, "b": 2, "a": 1})", ReadNothing), "f.json: a: is there twice");
  EXPECT_EQ(Error(R"({"x": [0, {"a": [{}], "b": {"a": 1, "c": [], "a": 2}}]})", ReadNothing),
            "f.json: x[1].b.a: is there twice");
  EXPECT_EQ(Error(R"([{"a": 1}, {"a": 2}, {"b": {"a": 3}, "a": {"a": 4}}])", ReadNothing), "");
}

TEST(JsonFieldTest, KeepsTheFirstError) {
  EXPECT_EQ(Error(R"({"a": 1, "b": 2})",
                  [](const JsonField& root) {
                    EXPECT_EQ(root["a"].String(), "");
                    EXPECT_EQ(root["b"].Array().size(), 0u);
                    EXPECT_EQ(root["c"]["d"]["e"].Number(), 0);
                  }),
            "f.json: a: must be a string, got 1");
}

TEST(JsonFieldTest, SaysWhereTheTextIsNoJson) {
  EXPECT_EQ(Error("{\n \"a\": 1,\n \"b\" 2}", ReadNothing),
            "f.json: line 3, column 6: is not JSON");
  EXPECT_EQ(Error("", ReadNothing), "f.json: line 1, column 1: is not JSON: the file is empty");
  EXPECT_EQ(Error("{\"a\": 1e999}", ReadNothing), "f.json: a: is a number out of range");
  EXPECT_EQ(Error("{\"a\": NaN}", ReadNothing), "f.json: line 1, column 7: is not JSON");
}

}  // namespace
}  // namespace heapwise::runner

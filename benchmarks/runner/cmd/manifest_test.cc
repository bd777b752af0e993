#include "benchmarks/runner/cmd/manifest.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "benchmarks/runner/base/json_field.h"
#include "benchmarks/runner/base/quantity.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/run.h"

namespace heapwise::runner {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;
using ::testing::Value;

struct Printed {
  int status;
  std::string out;
  std::string err;
};

Printed Manifest(const std::string& container, const std::string& headroom = "10%") {
  std::ostringstream out;
  std::ostringstream err;
  const int status = RunManifest(container, headroom, out, err);
  return {status, out.str(), err.str()};
}

// The part of YAML that a manifest needs, and not a bit more: maps and lists by indentation, plain and double-quoted
// scalars on the line of their key. Everything else fails the test.
class Yaml {
 public:
  explicit Yaml(const std::string& text) {
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      const size_t indent = line.find_first_not_of(' ');
      if (indent == std::string::npos || line.find('\t') != std::string::npos) {
        ADD_FAILURE() << "no line of a manifest: '" << line << "'";
        continue;
      }
      lines_.emplace_back(indent, line.substr(indent));
    }
  }

  Json Parse() {
    Json tree = Block(0);
    EXPECT_EQ(at_, lines_.size()) << "a line stands too far to the left or right: "
                                  << (at_ < lines_.size() ? lines_[at_].second : "");
    return tree;
  }

 private:
  Json Block(size_t indent) {
    Json block;
    while (at_ < lines_.size() && lines_[at_].first == indent) {
      if (lines_[at_].second.starts_with("- ")) {
        // The item's own map begins behind the dash.
        lines_[at_] = {indent + 2, lines_[at_].second.substr(2)};
        block.push_back(Block(indent + 2));
        continue;
      }
      const std::string line = lines_[at_++].second;
      const size_t colon = line.find(':');
      if (colon == std::string::npos) {
        ADD_FAILURE() << "no key: '" << line << "'";
        return block;
      }
      const std::string key = line.substr(0, colon);
      EXPECT_FALSE(block.contains(key)) << key << " is there twice";
      const std::string value = line.substr(colon + 1);
      if (!value.empty()) {
        EXPECT_EQ(value[0], ' ') << line;
        block[key] = Scalar(value.substr(1));
      } else if (at_ < lines_.size() && lines_[at_].first > indent) {
        block[key] = Block(lines_[at_].first);
      } else {
        block[key] = nullptr;
      }
    }
    return block;
  }

  static std::string Scalar(const std::string& text) {
    if (Value(text, MatchesRegex(R"re("[^"\\]*")re"))) return text.substr(1, text.size() - 2);
    // Never read as a number or a boolean.
    EXPECT_TRUE(Value(text, MatchesRegex("[A-Za-z][A-Za-z0-9./:-]*")) && text != "true" &&
                text != "false" && text != "null" && text.find(": ") == std::string::npos)
        << "needs quotes: " << text;
    return text;
  }

  std::vector<std::pair<size_t, std::string>> lines_;  // indentation, and the rest
  size_t at_ = 0;
};

bool Matches(const Json& text, const char* pattern) {
  return text.is_string() && Value(text.get<std::string>(), MatchesRegex(pattern));
}

void ExpectOnly(const Json& object, const std::set<std::string>& known) {
  ASSERT_TRUE(object.is_object()) << object;
  for (const auto& [key, value] : object.items()) EXPECT_TRUE(known.contains(key)) << key;
}

constexpr char kDnsLabel[] = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";  // RFC 1123
constexpr char kQuantity[] = "([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)";
constexpr char kEnvName[] = "[-._a-zA-Z][-._a-zA-Z0-9]*";
constexpr char kGoMemLimit[] = "[0-9]+(([KMGT]i)?B)?";

// What the API server asks of a Pod, as far as the manifest goes; fields that it does not know it refuses.
void ExpectValidPod(Json pod) {
  ExpectOnly(pod, {"apiVersion", "kind", "metadata", "spec"});
  EXPECT_EQ(pod["apiVersion"], "v1");
  EXPECT_EQ(pod["kind"], "Pod");
  ExpectOnly(pod["metadata"], {"name"});
  EXPECT_TRUE(Matches(pod["metadata"]["name"], kDnsLabel)) << pod;
  ExpectOnly(pod["spec"], {"containers"});
  ASSERT_TRUE(pod["spec"]["containers"].is_array());
  ASSERT_EQ(pod["spec"]["containers"].size(), 1u);
  Json& container = pod["spec"]["containers"][0];
  ExpectOnly(container, {"name", "image", "resources", "env"});
  EXPECT_TRUE(Matches(container["name"], kDnsLabel)) << container;
  EXPECT_TRUE(Matches(container["image"], "[a-z0-9/._-]+(:[A-Za-z0-9._-]+)?")) << container;
  ExpectOnly(container["resources"], {"limits"});
  ExpectOnly(container["resources"]["limits"], {"memory"});
  EXPECT_TRUE(Matches(container["resources"]["limits"]["memory"], kQuantity)) << container;
  ASSERT_TRUE(container["env"].is_array());
  for (Json& variable : container["env"]) {
    ExpectOnly(variable, {"name", "value"});
    EXPECT_TRUE(Matches(variable["name"], kEnvName)) << variable;
    EXPECT_TRUE(variable["value"].is_string()) << variable;
  }
}

// The manifest's GOMEMLIMIT, in bytes.
int64_t LimitIn(Json pod) {
  const Json variable = pod["spec"]["containers"][0]["env"][0];
  EXPECT_EQ(variable["name"], "GOMEMLIMIT");
  EXPECT_TRUE(Matches(variable["value"], kGoMemLimit)) << variable;
  std::string value = variable["value"];
  value.pop_back();  // "460MiB" is "460Mi" to Kubernetes
  return ParseQuantity(value).value_or(-1);
}

TEST(ManifestTest, IsTheTutorialsWithAName) {
  EXPECT_EQ(Manifest("512Mi").out,
            R"(apiVersion: v1
kind: Pod
metadata:
  name: app
spec:
  containers:
    - name: app
      image: myapp:latest
      resources:
        limits:
          memory: "512Mi"
      env:
        - name: GOMEMLIMIT
          value: "460MiB"
)");
  EXPECT_THAT(Manifest("512Mi", "12%").out, HasSubstr("value: \"450MiB\""));
}

TEST(ManifestTest, IsAValidPodWhoseLimitLeavesTheHeadroom) {
  for (const auto& [container, headroom, share] :
       {std::tuple("512Mi", "10%", 0.9), std::tuple("1.5Gi", "12.5%", 0.875),
        std::tuple("64Mi", "0%", 1.0), std::tuple("1e9", "10%", 0.9),
        std::tuple("500M", "99.99%", 0.0001), std::tuple("+300k", "5%", 0.95),
        std::tuple("7Ei", "33%", 0.67), std::tuple("2", "50%", 0.5),
        std::tuple("128974848000m", "1.25%", 0.9875)}) {
    const Printed printed = Manifest(container, headroom);
    ASSERT_EQ(printed.status, 0) << container << printed.err;
    EXPECT_EQ(printed.err, "");
    const Json pod = Yaml(printed.out).Parse();
    ExpectValidPod(pod);
    EXPECT_EQ(pod["spec"]["containers"][0]["resources"]["limits"]["memory"], container);
    const double right = share * static_cast<double>(ParseQuantity(container).value());
    const double limit = static_cast<double>(LimitIn(pod));
    EXPECT_LE(limit, right * (1 + 1e-12)) << container << ": rounded down, never up";
    EXPECT_GE(limit, right * 0.98 - 1) << container << ": and by little";
  }
}

TEST(ManifestTest, TheChecksOfThisTestCanFail) {
  // The tutorial's own has no name, for one.
  EXPECT_FALSE(Matches(Json(nullptr), kDnsLabel));
  EXPECT_FALSE(Matches(Json("My_App"), kDnsLabel));
  EXPECT_FALSE(Matches(Json("512MB"), kQuantity));
  EXPECT_FALSE(Matches(Json("460MB"), kGoMemLimit));
  EXPECT_FALSE(Matches(Json("1LIMIT"), kEnvName));
}

TEST(ManifestTest, RefusesNonsenseInOneLine) {
  const auto refused = [](const std::string& container, const std::string& headroom,
                          const std::string& why) {
    const Printed printed = Manifest(container, headroom);
    EXPECT_EQ(printed.status, 2) << container << " " << headroom;
    EXPECT_EQ(printed.out, "");
    EXPECT_THAT(printed.err, HasSubstr(why));
    EXPECT_EQ(std::count(printed.err.begin(), printed.err.end(), '\n'), 1) << printed.err;
  };
  refused("0", "10%", "--container=0: must be more than nothing, such as 512Mi");
  refused("0.0Gi", "10%", "must be more than nothing");
  refused("-512Mi", "10%", "--container=-512Mi: must be more than nothing");
  refused("512MB", "10%", "--container=512MB: is no quantity: 'MB' is no unit of Kubernetes");
  refused("512mb", "10%", "'mb' is no unit of Kubernetes");
  refused("", "10%", "--container=: is empty");
  refused("512Mi\n", "10%", "--container=512Mi\\n: is no quantity: 'Mi\\n' is no unit");
  refused("8Ei", "10%", "is more than a quantity can hold");
  refused("1", "10%", "leaves not one byte to the collector");
  for (const char* headroom :
       {"100%", "120%", "-1%", "10", "", "%", "ten%", "10 %", "10%%", "1e1%", ".5%", "5.%",
        "1.234%", "0.1", "99999999999999999999%", "+5%", "1.-5%"}) {
    refused("512Mi", headroom, "must be a share of the container from 0% to less than 100%");
  }
}

TEST(ManifestTest, HeadroomInHundredths) {
  EXPECT_EQ(ParseHeadroom("10%").value(), 1000);
  EXPECT_EQ(ParseHeadroom("0%").value(), 0);
  EXPECT_EQ(ParseHeadroom("12.5%").value(), 1250);
  EXPECT_EQ(ParseHeadroom("099.99%").value(), 9999);
}

TEST(ManifestTest, TheLimitInGosUnits) {
  EXPECT_EQ(GoMemLimit(483183820), "460MiB");
  EXPECT_EQ(GoMemLimit(64 << 20), "64MiB");
  EXPECT_EQ(GoMemLimit((64 << 20) - 1), "65535KiB");
  EXPECT_EQ(GoMemLimit(64 << 10), "64KiB");
  EXPECT_EQ(GoMemLimit((64 << 10) - 1), "65535B");
}

TEST(ManifestTest, TheCommandItself) {
  const auto run = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {HEAPWISE_PROGRAM, "manifest"});
    return test::Execute(arguments);
  };
  EXPECT_EQ(run({"--container=512Mi"}).output, Manifest("512Mi").out);
  EXPECT_EQ(run({"--container", "1Gi", "--headroom=20%"}).output, Manifest("1Gi", "20%").out);
  const test::Ran twice = run({"--container=512Mi", "--container=1Gi"});
  EXPECT_EQ(twice.status, 2);
  EXPECT_EQ(twice.output, "heapwise manifest: --container is there twice; a manifest has one\n");
  const test::Ran none = run({});
  EXPECT_EQ(none.status, 2);
  EXPECT_EQ(
      none.output,
      "heapwise manifest: for a container of what size? heapwise manifest --container=512Mi\n");
  EXPECT_EQ(run({"--container=512MB"}).status, 2);
  EXPECT_EQ(run({"512Mi"}).status, 2);
  EXPECT_THAT(run({"--help"}).output,
              AllOf(StartsWith("heapwise manifest"), HasSubstr("--headroom")));
}

}  // namespace
}  // namespace heapwise::runner

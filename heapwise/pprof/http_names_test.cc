#include "heapwise/pprof/http_names.h"

#include "gtest/gtest.h"

namespace heapwise::pprof::internal {
namespace {

TEST(HttpNamesTest, LoopbackIsWhatOnlyThisMachineReaches) {
  for (const char* host : {"localhost", "LocalHost", "127.0.0.1", "127.0.0.0", "127.255.255.254",
                           "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1"}) {
    EXPECT_TRUE(IsLoopback(host)) << host;
  }
  for (const char* host : {"",
                           "0.0.0.0",
                           "::",
                           "10.0.0.1",
                           "126.255.255.255",
                           "128.0.0.1",
                           "1.127.0.0",
                           "192.168.1.1",
                           "255.255.255.255",
                           "::2",
                           "fe80::1",
                           "::ffff:10.0.0.1",
                           "::ffff:0.0.0.0",
                           "::127.0.0.1",
                           "127.1",
                           "127.0.0.1.",
                           "127.0.0.1:80",
                           " 127.0.0.1",
                           "0x7f.0.0.1",
                           "2130706433",
                           "[::1]",
                           "localhost.",
                           "localhost.example.com",
                           "example.invalid",
                           "127.0.0.1.example.com"}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

TEST(HttpNamesTest, AHostIsServedWhereTheServerListens) {
  struct Case {
    const char* header;
    const char* bound;
    bool served;
  };
  const Case cases[] = {
      {"127.0.0.1:6060", "127.0.0.1", true},
      {"127.0.0.1", "127.0.0.1", true},
      {"localhost:6060", "127.0.0.1", true},
      {"LOCALHOST:9999", "127.0.0.1", true},  // a tunnel
      {"[::1]:6060", "127.0.0.1", true},
      {"[::1]:6060", "::1", true},
      {"[::1]", "localhost", true},
      {"evil.example:6060", "127.0.0.1", false},
      {"127.0.0.1.evil.example:6060", "127.0.0.1", false},
      {"localhost.evil.example", "127.0.0.1", false},
      {"evil.example@127.0.0.1", "127.0.0.1", false},
      {"10.0.0.1:6060", "127.0.0.1", false},
      {"", "127.0.0.1", false},
      {":6060", "127.0.0.1", false},
      {"localhost:", "127.0.0.1", true},
      {"localhost:x", "127.0.0.1", false},
      {"localhost:1:2", "127.0.0.1", false},
      {"localhost:65535", "127.0.0.1", true},
      {"localhost:123456", "127.0.0.1", false},  // no port has six digits
      {"localhost:/", "127.0.0.1", false},
      {"localhost::", "127.0.0.1", false},
      {"localhost:0", "127.0.0.1", true},
      {"localhost:9", "127.0.0.1", true},
      {"[::1]6060", "127.0.0.1", false},
      {"[]", "127.0.0.1", false},
      {"[::1]:x", "127.0.0.1", false},
      {"[::ffff:10.0.0.1]", "0.0.0.0", true},
      {"10.0.0.1", "0.0.0.1", false},  // not every interface
      {"10.0.0.1", "1.0.0.0", false},
      {"10.0.0.1", "::1", false},
      {"localhost", "::", true},
      {"10.0.0.1", "::ffff:0.0.0.0", true},
      {"[::1", "127.0.0.1", false},
      {"::1", "127.0.0.1", false},
      {"10.0.0.1:6060", "10.0.0.1", true},
      {"10.0.0.2:6060", "10.0.0.1", false},
      {"127.0.0.1:6060", "10.0.0.1", false},
      {"Shop.example:80", "shop.example", true},
      {"10.0.0.1:6060", "0.0.0.0", true},
      {"[fe80::1]:6060", "::", true},
      {"localhost:6060", "0.0.0.0", true},
      {"shop.example:6060", "0.0.0.0", false},
      {"shop.example:6060", "::", false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(IsHostServed(c.header, c.bound, {}), c.served) << c.header << " for " << c.bound;
  }
  EXPECT_TRUE(IsHostServed("Shop.example:1", "127.0.0.1", {"shop.example"}));
  EXPECT_FALSE(IsHostServed("other.example", "127.0.0.1", {"shop.example"}));
  EXPECT_TRUE(IsHostServed("other.example", "127.0.0.1", {"shop.example", "*"}));
}

TEST(HttpNamesTest, PercentDecode) {
  EXPECT_EQ(PercentDecode("a%41%2f%zz", false), std::nullopt);
  EXPECT_EQ(PercentDecode("a%41%2f+", false), "aA/+");
  EXPECT_EQ(PercentDecode("a+b%2B", true), "a b+");
  EXPECT_EQ(PercentDecode("%4", false), std::nullopt);
  EXPECT_EQ(PercentDecode("%", false), std::nullopt);
  EXPECT_EQ(PercentDecode("%00", false), std::string(1, '\0'));
  EXPECT_EQ(PercentDecode("", false), "");
  EXPECT_EQ(PercentDecode("%41", false), "A") << "up to the end";
  EXPECT_EQ(PercentDecode("x%41b", false), "xAb");
  EXPECT_EQ(PercentDecode("%09%90%af%FA%0f%F0", false), "\x09\x90\xaf\xfa\x0f\xf0");
  // What stands beside the digits in ASCII.
  for (const char c : {'/', ':', '@', 'G', '`', 'g', ' ', '%'}) {
    EXPECT_EQ(PercentDecode(std::string("%") + c + "1", false), std::nullopt) << c;
    EXPECT_EQ(PercentDecode(std::string("%1") + c, false), std::nullopt) << c;
  }
}

TEST(HttpNamesTest, QueryParameterIsTheFirstThatIsWellFormed) {
  EXPECT_EQ(QueryParameter("debug=1&debug=2", "debug"), "1");
  EXPECT_EQ(QueryParameter("&&a=&debug=2", "debug"), "2");
  EXPECT_EQ(QueryParameter("debug", "debug"), "");
  EXPECT_EQ(QueryParameter("d%65bug=%31+", "debug"), "1 ");
  EXPECT_EQ(QueryParameter("debug=%&debug=3", "debug"), "3");
  EXPECT_EQ(QueryParameter("debug=1;x&debug=4", "debug"), "4");
  EXPECT_EQ(QueryParameter("debug=a=b", "debug"), "a=b");
  EXPECT_EQ(QueryParameter("", "debug"), "");
  EXPECT_EQ(QueryParameter("gc=1&debug=2&seconds=3", "debug"), "2");
  EXPECT_EQ(QueryParameter("gc=1&debug=2&seconds=3", "seconds"), "3");
  EXPECT_EQ(QueryParameter("gc=1&debug=2&seconds=3", "d"), "");
  EXPECT_EQ(QueryParameter("%=1&debug=5", "debug"), "5");
  EXPECT_EQ(QueryParameter("=1", ""), "1");
  EXPECT_EQ(QueryParameter("debug=", "debug"), "");
}

TEST(HttpNamesTest, CleanPath) {
  EXPECT_EQ(CleanPath("/"), "/");
  EXPECT_EQ(CleanPath("/debug/pprof"), "/debug/pprof");
  EXPECT_EQ(CleanPath("/debug/pprof/"), "/debug/pprof/");
  EXPECT_EQ(CleanPath("//debug//pprof//heap"), "/debug/pprof/heap");
  EXPECT_EQ(CleanPath("/debug/../../etc/./passwd"), "/etc/passwd");
  EXPECT_EQ(CleanPath("/a/.."), "/");
  EXPECT_EQ(CleanPath("/.."), "/");
  EXPECT_EQ(CleanPath("/a/b/.."), "/a");
  EXPECT_EQ(CleanPath("/a/b/../"), "/a/");
  EXPECT_EQ(CleanPath("/a/."), "/a");
  EXPECT_EQ(CleanPath("/a/./"), "/a/");
  EXPECT_EQ(CleanPath("/a/b/c/d"), "/a/b/c/d");
  EXPECT_EQ(CleanPath(""), "/");
  EXPECT_EQ(CleanPath("//evil.example/.."), "/");
}

TEST(HttpNamesTest, ParseTarget) {
  EXPECT_EQ(ParseTarget("/a?b?c")->path, "/a");
  EXPECT_EQ(ParseTarget("/a?b?c")->query, "b?c");
  EXPECT_EQ(ParseTarget("/a")->host, std::nullopt);
  EXPECT_EQ(ParseTarget("/?u=http://x/")->path, "/");
  EXPECT_EQ(ParseTarget("HTTP://h:1/a?b")->host, "h:1");
  EXPECT_EQ(ParseTarget("http://h:1/a?b")->path, "/a");
  EXPECT_EQ(ParseTarget("http://h?b")->path, "/");
  EXPECT_EQ(ParseTarget("http://h?b")->query, "b");
  EXPECT_EQ(ParseTarget("https://h/a/b")->path, "/a/b");
  EXPECT_EQ(ParseTarget("https://h")->host, "h");
  EXPECT_EQ(ParseTarget("https://h")->path, "/");
  EXPECT_EQ(ParseTarget("https://h")->query, "");
  EXPECT_EQ(ParseTarget("/a?")->query, "");
  EXPECT_EQ(ParseTarget("/a")->query, "");
  EXPECT_EQ(ParseTarget("*"), std::nullopt);
  EXPECT_EQ(ParseTarget("example.com:443"), std::nullopt);
  EXPECT_EQ(ParseTarget("ftp://h/a"), std::nullopt);
}

}  // namespace
}  // namespace heapwise::pprof::internal

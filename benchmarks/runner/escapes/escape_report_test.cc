#include "benchmarks/runner/escapes/escape_report.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kFile[] = "/src/a.cc";
constexpr char kHeader[] = "/src/a.h";

CallFrame In(const std::string& function, int line, int column) {
  return {function, {kFile, line, column}, kFile};
}
CallFrame Header(const std::string& function) { return {function, {kHeader, 1, 1}, kHeader}; }

ObjectCall Call(const std::string& callee, const std::vector<CallFrame>& frames) {
  return {callee, "_Z" + frames.back().function, frames, std::nullopt};
}

ObjectCalls Object(const std::vector<ObjectCall>& calls) {
  ObjectCalls object = {"GNU C++20 12.2.0", calls, {}};
  for (const ObjectCall& call : calls) {
    object.functions[call.caller] = {call.frames.back().function, call.frames.back().at.file};
  }
  return object;
}

std::vector<std::string> Report(const std::vector<ObjectCall>& built,
                                const std::vector<ObjectCall>& kept) {
  std::vector<std::string> lines;
  for (const EscapeSite& site : FindEscapes(Object(built), Object(kept), kFile, {kHeader})) {
    lines.push_back(EscapeLine(site.file.empty() ? "a.cc" : site.file, site));
  }
  return lines;
}

TEST(EscapeReportTest, TellsWhatIsInBothFromWhatWasRemoved) {
  const ObjectCall stays = Call("_Znwm", {In("Make", 3, 10)});
  const ObjectCall goes = Call("_Znwm", {Header("std::__detail::_Plumbing"),
                                         Header("std::make_unique<int>"), In("Local", 7, 5)});
  EXPECT_THAT(Report({stays}, {goes, stays}),
              ElementsAre("a.cc:3:10: operator new escapes to heap [Make]",
                          "a.cc:7:5: operator new does not escape [Local] via std::make_unique"));
  EXPECT_THAT(Report({}, {}), IsEmpty());
}

TEST(EscapeReportTest, ManyCallsForOneLineAreOneSite) {
  const CallFrame make = Header("heapwise::runtime::New<Node>");
  const ObjectCall small =
      Call("_ZN8heapwise7runtime8internal17AllocateSmallSlowEmNS1_4KindE",
           {Header("heapwise::runtime::internal::AllocateSmall"), make, In("Make", 3, 10)});
  const ObjectCall large =
      Call("_ZN8heapwise7runtime8internal13AllocateLargeEmNS1_4KindE", {make, In("Make", 3, 10)});
  EXPECT_THAT(Report({small, large, small}, {small, large, small}),
              ElementsAre("a.cc:3:10: runtime::New escapes to heap [Make]"));
}

TEST(EscapeReportTest, TheLineIsTheInnermostOneInTheFile) {
  const ObjectCall call = Call("_Znwm", {Header("Helper"), In("Make", 3, 10), In("Use", 9, 4)});
  EXPECT_THAT(Report({}, {call}),
              ElementsAre("a.cc:3:10: operator new does not escape [Make, inlined into Use at 9:4] "
                          "via Helper"));
}

TEST(EscapeReportTest, FunctionsOfOtherFilesPassOnWhatTheyAllocate) {
  const ObjectCall allocates = Call("_Znwm", {Header("Inner")});
  const ObjectCall passes = Call("_ZInner", {Header("Outer")});
  const ObjectCall uses = Call("_ZOuter", {In("Use", 5, 6)});
  EXPECT_THAT(Report({uses, passes, allocates}, {}),
              ElementsAre("a.cc:5:6: operator new escapes to heap [Use] via Outer"));
  EXPECT_THAT(Report({uses, passes}, {uses, passes, allocates}),
              ElementsAre("a.cc:5:6: operator new does not escape [Use] via Outer"));
}

// A virtual function of a header, code that a #line gives to another file, a file that this one includes.
TEST(EscapeReportTest, WhatNoLineOfTheFileCallsIsToldWhereItStands) {
  CallFrame library = Header("std::make_unique<int>");
  library.at.file = library.written_in = "/usr/include/memory";
  const ObjectCall virtual_one = Call("_Znwm", {library, Header("Virtual")});
  const ObjectCall calls_it = Call("_ZVirtual", {Header("Caller")});
  EXPECT_THAT(Report({virtual_one, calls_it}, {virtual_one, calls_it}),
              ElementsAre("/src/a.h:1:1: operator new escapes to heap [Virtual] via "
                          "std::make_unique"));
  // Its allocation is gone, and not only its code.
  const ObjectCall other = Call("_Zother", {Header("Virtual")});
  EXPECT_THAT(Report({other}, {virtual_one}),
              ElementsAre("/src/a.h:1:1: operator new does not escape [Virtual] via "
                          "std::make_unique"));
  EXPECT_THAT(Report({}, {virtual_one}), IsEmpty());
  // Whom a line of the file calls is told there.
  const ObjectCall uses = Call("_ZVirtual", {In("Use", 5, 6)});
  EXPECT_THAT(Report({virtual_one, uses}, {virtual_one, uses}),
              ElementsAre("a.cc:5:6: operator new escapes to heap [Use] via Virtual"));
  // Of a library that is called through pointers alone there is no line.
  EXPECT_THAT(Report({Call("_Znwm", {library})}, {}), IsEmpty());
}

TEST(EscapeReportTest, LinesOfAFunctionOfTheFileAreItsOwn) {
  CallFrame action = In("yyparse", 12, 3);
  action.at.file = "/src/gen.y";
  const ObjectCall own = Call("_Znwm", {In("yyparse", 3, 10)});
  const ObjectCall generated = Call("malloc", {action});
  const ObjectCall uses = Call("_Zyyparse", {In("main", 90, 3)});
  EXPECT_THAT(Report({own, generated, uses}, {}),
              ElementsAre("a.cc:3:10: operator new escapes to heap [yyparse]",
                          "/src/gen.y:12:3: malloc escapes to heap [yyparse]"));
}

TEST(EscapeReportTest, FunctionsBehindALineDirectiveAreTheFilesToo) {
  const CallFrame make = {"MakeNode", {"/src/gen.y", 24, 10}, "/src/gen.y"};
  CallFrame action = In("yyparse", 12, 3);
  action.at.file = "/src/gen.y";
  EXPECT_THAT(
      Report({Call("_Znwm", {make}), Call("_Znam", {make, action}),
              Call("_ZMakeNode", {In("main", 90, 3)})},
             {}),
      ElementsAre("/src/gen.y:24:10: operator new escapes to heap [MakeNode]",
                  "/src/gen.y:24:10: operator new[] escapes to heap [MakeNode, inlined into "
                  "yyparse at 12:3]"));
}

// GCC leaves it behind where a function of the header was inlined before the call.
TEST(EscapeReportTest, ALineOfAHeaderInAFunctionOfTheFileTakesNoLinesFromIt) {
  CallFrame stale = In("Put", 45, 48);
  stale.at.file = kHeader;
  const ObjectCall call = Call("malloc", {stale});
  const ObjectCall inlined = Call("_Znwm", {Header("Grow"), In("Use", 5, 6)});
  const ObjectCall calls = Call("_ZMake", {In("Use", 6, 6)});
  const ObjectCall makes = Call("_Znam", {Header("Make")});
  const ObjectCall uses = Call("_ZPut", {In("main", 9, 3)});
  EXPECT_THAT(Report({call, uses, inlined, calls, makes}, {}),
              ElementsAre("a.cc:5:6: operator new escapes to heap [Use] via Grow",
                          "a.cc:6:6: operator new[] escapes to heap [Use] via Make",
                          "/src/a.h:45:48: malloc escapes to heap [Put]"));
}

// It comes with the call of a function that has no debug information, such as a thunk.
TEST(EscapeReportTest, AFunctionWithoutLinesPassesOn) {
  const ObjectCall allocates = Call("_Znwm", {Header("Make")});
  const ObjectCall thunk = {"_ZMake", "_ZThn16Make", {}, std::nullopt};
  const ObjectCall uses = Call("_ZThn16Make", {In("Use", 5, 6)});
  ObjectCalls object = Object({allocates, uses});
  object.calls.push_back(thunk);
  object.functions["_ZThn16Make"];
  const std::vector<EscapeSite> sites = FindEscapes(object, object, kFile, {kHeader});
  ASSERT_EQ(sites.size(), 1u);
  EXPECT_EQ(EscapeLine("a.cc", sites[0]), "a.cc:5:6: operator new escapes to heap [Use]");
}

TEST(EscapeReportTest, RecursionOfOtherFilesEnds) {
  const ObjectCall allocates = Call("_Znwm", {Header("Inner")});
  const ObjectCall again = Call("_ZInner", {Header("Inner")});
  const ObjectCall uses = Call("_ZInner", {In("Use", 5, 6)});
  EXPECT_THAT(Report({uses, again, allocates}, {}),
              ElementsAre("a.cc:5:6: operator new escapes to heap [Use] via Inner"));
}

TEST(EscapeReportTest, WhatGrowsOnDemandMayEscape) {
  ObjectCall string =
      Call("_Znwm", {Header("std::basic_string<char>::_M_create"),
                     Header("std::basic_string<char>::basic_string"), In("Use", 5, 6)});
  EXPECT_THAT(Report({string}, {}),
              ElementsAre("a.cc:5:6: operator new may escape to heap [Use] via std::string"));
  string.size = 51;  // the compiler knows the length
  EXPECT_THAT(Report({string}, {}),
              ElementsAre("a.cc:5:6: operator new escapes to heap [Use] via std::string"));
  const ObjectCall vector = Call("_Znwm", {Header("std::vector<int>::_M_realloc_insert<int>"),
                                           Header("std::vector<int>::push_back"), In("Use", 5, 6)});
  EXPECT_THAT(
      Report({vector}, {}),
      ElementsAre("a.cc:5:6: operator new may escape to heap [Use] via std::vector::push_back"));
}

TEST(EscapeReportTest, ExceptionsOfLibrariesAreLeftOut) {
  EXPECT_THAT(
      Report({Call("__cxa_allocate_exception", {In("Fail", 5, 6)}),
              Call("__cxa_allocate_exception", {Header("std::any_cast<int>"), In("Use", 8, 6)}),
              Call("__cxa_allocate_exception", {Header("Check"), In("Use", 9, 6)})},
             {}),
      ElementsAre("a.cc:5:6: exception escapes to heap [Fail]",
                  "a.cc:9:6: exception may escape to heap [Use] via Check"));
}

// Only the second build inlined Make into Use; as built, Use calls it, and it allocates.
TEST(EscapeReportTest, DifferentInliningIsNoEscapeAnalysis) {
  const ObjectCall own = Call("_Znwm", {In("Make", 3, 10)});
  const ObjectCall call = Call("_ZMake", {In("Use", 9, 4)});
  const ObjectCall inlined = Call("_Znwm", {In("Make", 3, 10), In("Use", 9, 4)});
  EXPECT_THAT(Report({own, call}, {own, inlined}),
              ElementsAre("a.cc:3:10: operator new escapes to heap [Make]"));
}

// As built, a static function is gone: its only caller has it, and there it allocates.
TEST(EscapeReportTest, AFunctionThatIsGoneSaysNothing) {
  const ObjectCall inlined = Call("_Znwm", {In("Make", 3, 10), In("Use", 9, 4)});
  const ObjectCall own = Call("_Znwm", {In("Make", 3, 10)});
  EXPECT_THAT(
      Report({inlined}, {own}),
      ElementsAre("a.cc:3:10: operator new escapes to heap [Make, inlined into Use at 9:4]"));
}

// As built, Outer was inlined and Inner is called; in the second build Outer is called.
TEST(EscapeReportTest, AWayCutShortElsewhereIsTheSameWay) {
  const ObjectCall allocates = Call("_Znwm", {Header("Inner")});
  const ObjectCall inlined = Call("_ZInner", {Header("Outer"), In("Use", 5, 6)});
  const ObjectCall called = Call("_ZOuter", {In("Use", 5, 6)});
  const ObjectCall passes = Call("_ZInner", {Header("Outer")});
  EXPECT_THAT(Report({allocates, inlined}, {allocates, called, passes}),
              ElementsAre("a.cc:5:6: operator new escapes to heap [Use] via Outer, Inner"));
}

TEST(EscapeReportTest, OfALibraryTheProgramsOwnCallIsNamed) {
  CallFrame inner = Header("json::Create");
  CallFrame outer = Header("json::Value<int>::Value");
  inner.at.file = outer.at.file = "/usr/include/json.h";
  EXPECT_THAT(Report({Call("_Znwm", {inner, outer, Header("Load"), In("Use", 5, 6)})}, {}),
              ElementsAre("a.cc:5:6: operator new escapes to heap [Use] via Load, json::Value"));
}

TEST(EscapeReportTest, OperatorsKeepTheirNames) {
  const auto via = [](const std::string& function) {
    return Report({Call("_Znwm", {Header(function), In("Use", 5, 6)})}, {}).at(0).substr(49);
  };
  EXPECT_EQ(via("std::operator+<char, std::char_traits<char> >"), "std::operator+");
  EXPECT_EQ(via("std::operator<< <char>"), "std::operator<< ");
  EXPECT_EQ(via("Matrix<int>::operator()"), "Matrix::operator()");
  EXPECT_EQ(via("Pointer<int>::operator->"), "Pointer::operator->");
}

TEST(EscapeReportTest, JsonHasEveryField) {
  const EscapeSite site = {3,      10,           "operator new", Escape::kMaybe,
                           "Make", "Use at 9:4", {"std::any"}};
  EXPECT_EQ(EscapeToJson("a.cc", site).dump(),
            R"({"file":"a.cc","line":3,"column":10,"what":"operator new","escapes":"maybe",)"
            R"("function":"Make","inlined_into":"Use at 9:4","via":["std::any"]})");
}

}  // namespace
}  // namespace heapwise::runner

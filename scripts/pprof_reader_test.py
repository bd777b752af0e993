"""Heap profiles: how they are read, and in which words one that is not whole is refused."""

import contextlib
import gzip
import io
import unittest

import pprof_reader
from heapwise_results import Refused
from made_run import MADE_PROFILES, TESTDATA, MadeRun, made_profile


class ProfileTest(unittest.TestCase):
    def setUp(self):
        self.made = self.enterContext(MadeRun())
        self.path = self.made.run / "91-made-heap-slow.pb.gz"

    def message(self):
        message = pprof_reader.new_message()
        message.ParseFromString(gzip.decompress(self.path.read_bytes()))
        return message

    def refusal(self, edit):
        """What is said of the profile after a change to its message."""
        message = self.message()
        edit(message)
        self.path.write_bytes(gzip.compress(message.SerializeToString()))
        with self.assertRaises(Refused) as caught:
            pprof_reader.read(self.path)
        said = str(caught.exception)
        self.assertEqual(len(said.splitlines()), 1)
        return said.split("91-made-heap-slow.pb.gz: ")[1]

    def test_the_test_data_is_what_its_program_makes(self):
        for name, early in MADE_PROFILES.items():
            self.assertEqual(gzip.decompress((TESTDATA / "run" / name).read_bytes()),
                             gzip.decompress(made_profile(early)), name)  # gzip's header differs by Python

    def test_reads_stacks_from_the_root(self):
        profile = pprof_reader.read(self.path)
        self.assertEqual(profile.rate, 524288)
        stack, value = profile.stacks["alloc_space"][0]
        self.assertEqual([frame.function for frame in stack],
                         ["main", "benchmark::RunSpecifiedBenchmarks()",
                          "RegisterLesson(heapwise::bench::Lesson&)::{lambda()#1}::operator()() const",
                          "HandleRequest(Request const&)",
                          "slow::BuildTable(std::vector<slow::Row, std::allocator<slow::Row> > const&)",
                          "void slow::Table::AddRow<int>(int const&)",
                          "slow::(anonymous namespace)::CopyHeader(slow::Table const&)"])
        self.assertEqual((stack[-1].line, value), (41, 83_100 << 10))

    def test_bytes_are_scaled_already_whatever_the_rate(self):
        before = pprof_reader.read(self.path).stacks
        message = self.message()
        message.period = 1
        self.path.write_bytes(gzip.compress(message.SerializeToString()))
        after = pprof_reader.read(self.path)
        self.assertEqual((after.rate, after.stacks), (1, before))

    def test_inlined_functions_are_frames(self):
        message = self.message()
        leaf = next(l for l in message.location if l.id == message.sample[0].location_id[0])
        leaf.line.add(function_id=4, line=7)  # CopyHeader was inlined into HandleRequest
        self.path.write_bytes(gzip.compress(message.SerializeToString()))
        stack, _ = pprof_reader.read(self.path).stacks["alloc_space"][0]
        self.assertEqual([(frame.function.split("(")[0], frame.line) for frame in stack[-2:]],
                         [("HandleRequest", 7), ("slow::", 41)])

    def test_refuses_what_is_not_whole(self):
        whole = self.path.read_bytes()
        for content, reason in ((whole[:200], "is truncated or damaged"), (whole[:5], "is truncated or damaged"),
                                (whole[:60] + b"xxxx" + whole[64:], "is (truncated or damaged|no heap profile)"),
                                (b"", "is truncated or damaged"), (b"text", "is no heap profile: "),
                                (gzip.compress(b"\xff" * 20), "is no heap profile: profile.proto does not fit it")):
            with self.subTest(content=content[:10]):
                self.path.write_bytes(content)
                with self.assertRaisesRegex(Refused, f"91-made-heap-slow.pb.gz: the file: {reason}"):
                    pprof_reader.read(self.path)
        self.path.unlink()
        with self.assertRaisesRegex(Refused, "91-made-heap-slow.pb.gz: the file: is missing"):
            pprof_reader.read(self.path)

    def test_refuses_what_points_nowhere(self):
        self.assertEqual(self.refusal(lambda message: message.ClearField("sample_type")),
                         "sample_type: is empty; must hold alloc_space and inuse_space")
        self.setUp()
        self.assertEqual(self.refusal(lambda message: message.sample[0].location_id.append(999)),
                         "sample: names location 999, which is not there")
        self.setUp()
        self.assertEqual(self.refusal(lambda message: message.sample[0].value.pop()),
                         "sample: has 3 values; must have 4")
        self.setUp()
        self.assertRegex(self.refusal(lambda message: message.ClearField("function")),
                         "location: names function [0-9]+, which is not there")
        self.setUp()
        self.assertRegex(self.refusal(lambda message: message.string_table.pop()), "names string [0-9]+ of [0-9]+")

    def test_plot_says_it_in_a_line_for_each_chart(self):
        self.path.write_bytes(self.path.read_bytes()[:200])
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(self.made.draw("--lesson", "91-made-heap"), 1)
        for line, chart in zip(said.getvalue().splitlines(), ("sites", "leak"), strict=True):
            self.assertRegex(line, rf"^plot.py: 91-made-heap-{chart}: cannot be drawn: .*/91-made-heap-slow.pb.gz: "
                             "the file: is truncated or damaged$")
        self.assertTrue((self.made.plots / "91-made-heap-pair.svg").exists())

    def test_one_broken_profile_costs_itself_only(self):
        early = self.made.run / "91-made-heap-slow.early.pb.gz"
        early.write_bytes(b"")
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.assertEqual(pprof_reader.main([str(early), str(self.path)]), 2)
        self.assertRegex(said.getvalue(), "^.*early.pb.gz: the file: is truncated or damaged\n$")

    def test_takes_out_the_repositorys_path(self):
        before = pprof_reader.read(self.path)
        pprof_reader.without_root(self.path, "/home/somebody/heapwise")
        after = pprof_reader.read(self.path)
        self.assertNotIn(b"somebody", gzip.decompress(self.path.read_bytes()))
        self.assertEqual(after.stacks["alloc_space"][0][0][-1].file, "lessons/91-made-heap/slow.cc")
        paths = [pprof_reader.bytes_by_path(profile, "alloc_space", "91-made-heap") for profile in (before, after)]
        self.assertEqual(*paths)


class NamesTest(unittest.TestCase):
    def test_short_names(self):
        for function, short in (
                ("main", "main"),
                ("std::vector<T> a::(anonymous namespace)::Table::Row<T>(int) const", "Table::Row"),
                ("slow::Table::~Table()", "Table::~Table"),
                ("(anonymous namespace)::Early::Early", "Early::Early"),
                ("std::unique_ptr<a::Wide, std::default_delete<a::Wide> > a::MakeOne<a::Wide>()", "MakeOne"),
                ("std::string::_M_create[abi:cxx11](unsigned long&)", "_M_create"),
                ("a::Lambda()::{lambda()#1}::operator()() const", "lambda in Lambda"),
                ("auto slow::Sum()::{lambda(auto:1)#1}::operator()<int>(int) const", "lambda in Sum"),
                ("slow::Outer(std::function<void(int)>)::{lambda(std::vector<int>)#1}::operator()(std::vector<int>) "
                 "const::{lambda()#2}::operator()() const", "lambda in Outer"),
                ("RegisterLesson::(unnamed)::operator()", "lambda in RegisterLesson"),
                ("slow::Run::(unnamed)::operator()::(unnamed)::operator()", "lambda in Run"),
                ("Add<Register(a::Lesson&)::<lambda()> >::(unnamed)::operator()", "lambda in Add"),
                ("slow::Read(int)::<lambda(int)>", "lambda in Read"),
                ("slow::Table::operator()(int) const", "Table::operator()"),
                ("slow::operator<<(std::ostream&, Foo const&)", "operator<<"),
                ("operator new(unsigned long)", "operator new")):
            with self.subTest(function=function):
                self.assertEqual(pprof_reader.short_name(function), short)

    def test_the_lessons_own_part_of_a_stack(self):
        def stack(*calls):
            return tuple(pprof_reader.Frame(name, file, line) for name, file, line in calls)
        bench, slow = "/x/lessons/08-a/bench.cc", "/x/lessons/08-a/slow.cc"
        for calls, path in (
                ([("main", "/x/benchmarks/harness/main.cc", 1), ("Body()", bench, 2), ("Read()", slow, 3),
                  ("std::sort()", "/usr/include/algorithm", 4)], (("Read",), "slow.cc:3")),
                ([("Body()", bench, 2)], (("Body",), "bench.cc:2")),
                ([("Walk()", slow, 3), ("Walk()", slow, 3), ("Walk()", slow, 9)], (("Walk",), "slow.cc:9")),
                ([("main", "main.cc", 1)], ((), "")), ([], ((), "")),
                ([(f"F{n}()", slow, n) for n in range(9)],
                 (("F0", "F1", "F2", "…", "F6", "F7", "F8"), "slow.cc:8"))):
            with self.subTest(path=path):
                self.assertEqual(pprof_reader.own_path(stack(*calls), "08-a"), path)


if __name__ == "__main__":
    unittest.main()

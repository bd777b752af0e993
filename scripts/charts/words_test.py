"""Numbers in words, and the ticks made of them."""

import unittest

from charts import scale
from charts import words


class WordsTest(unittest.TestCase):
    def test_human(self):
        for value, unit, text in ((43.21, "ns", "43.2 ns"), (1.957, "ns", "1.96 ns"), (1234.0, "ns", "1.23 µs"),
                                  (2.5e6, "ns", "2.5 ms"), (3e9, "ns", "3 s"), (0, "ns", "0 ns"),
                                  (999.9, "ns", "1 µs"), (4194304, "bytes", "4 MiB"), (100, "bytes", "100 B"),
                                  (1.5 * 2**30, "bytes", "1.5 GiB"), (1, "allocations", "1 allocation"),
                                  (0, "allocations", "0 allocations"), (12345, "collections", "12,345 collections"),
                                  (12345.6, "per second", "12,300 per second"), (0.1234, "fraction", "12.3 %"),
                                  (0.00314159, "", "0.00314"), (22.13, "ratio", "22.1"),
                                  (2.75, "µs", "2.75 µs"), (1, "µs", "1 µs"), (12.5, "%", "12.5 %"),
                                  (1, "lost pauses", "1 lost pause"),
                                  (None, "ns", "not measured")):
            with self.subTest(value=value, unit=unit):
                self.assertEqual(words.human(value, unit), text)

    def test_tables_and_axes_leave_out_words_only(self):
        self.assertEqual([words.table_unit(unit) for unit in ("ns", "bytes", "fraction", "µs", "%")],
                         ["ns", "bytes", "fraction", "µs", "%"])
        self.assertEqual([words.table_unit(unit) for unit in ("alerts", "per second", "")], ["", "", ""])
        self.assertEqual(words.axis_scale(4000, "µs"), (1, "µs"))
        self.assertEqual(words.axis_scale(4000, "alerts"), (1000, "k"))
        self.assertEqual(words.axis_scale(4000, ""), (1000, "k"))

    def test_interval_has_one_unit(self):
        self.assertEqual(words.interval(990, 1010, "ns"), "0.99 to 1.01 µs")
        self.assertEqual(words.interval(0, 2048, "bytes"), "0 to 2 KiB")
        self.assertEqual(words.interval(None, 1, "ns"), "no interval")

    def test_times_reads_as_the_runner_writes(self):
        for ratio, text in ((22.13, "22 times"), (9.96, "10 times"), (2.43, "2.4 times"), (1.04, "1.04 times"),
                            (0.523, "0.52 times"), (1234, "1,230 times"), (123.4, "123 times"),
                            (0.0123, "0.012 times")):
            with self.subTest(ratio=ratio):
                self.assertEqual(words.times(ratio), text)

    def test_linear_ticks_are_few_and_start_at_zero(self):
        for top, unit in ((44.1, "ns"), (4_300, "ns"), (125e6, "bytes"), (1.1e6, "per second"), (0.37, "fraction"),
                          (1.03, "allocations"), (7e-3, "")):
            with self.subTest(top=top, unit=unit):
                ticks = scale.linear_ticks(top, unit)
                self.assertEqual(ticks[0], (0, "0"))
                self.assertTrue(3 <= len(ticks) <= 5, ticks)
                self.assertLessEqual(ticks[-1][0], top)
                self.assertEqual(len({label for _, label in ticks}), len(ticks))
        self.assertEqual([label for _, label in scale.linear_ticks(44.1, "ns")], ["0", "20 ns", "40 ns"])

    def test_log_ticks_of_bytes_are_powers_of_two(self):
        mib = 1 << 20
        self.assertEqual([text for _, text in scale.log_ticks(0.9 * mib, 9 * mib, "bytes")],
                         ["1 MiB", "2 MiB", "4 MiB", "8 MiB"])
        self.assertEqual([text for _, text in scale.log_ticks(16, 64 << 10, "bytes", most=4)],
                         ["16 B", "256 B", "4 KiB", "64 KiB"])

    def test_log_ticks_stay_inside(self):
        for low, high in ((1.3, 6000), (20, 60), (0.5, 3), (100, 1e9)):
            with self.subTest(low=low, high=high):
                ticks = scale.log_ticks(low, high, "ns")
                self.assertTrue(2 <= len(ticks) <= 7, ticks)
                self.assertTrue(all(low * 0.99 <= position <= high * 1.01 for position, _ in ticks))


if __name__ == "__main__":
    unittest.main()

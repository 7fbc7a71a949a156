"""Which of the files that are there is taken, and taken once."""

from datetime import UTC, datetime

from odoo.tests.common import BaseCase

from ..channels.base import RemoteFile, safe_name
from ..channels.selection import choose, fits, forget, remember


class TestSelection(BaseCase):
    def file(self, name, day=1, size=10):
        return RemoteFile(name, f"/in/{name}", size, datetime(2026, 11, day, tzinfo=UTC))

    def test_patterns(self):
        self.assertTrue(fits("Tarif_Nov.CSV", "tarif*.csv"))
        self.assertTrue(fits("a.xlsx", "*.csv; *.xlsx"))
        self.assertTrue(fits("anything", ""))
        for name in (".hidden.csv", "a.csv.part", "a.csv.tmp", "a.csv.filepart", "b.txt"):
            self.assertFalse(fits(name, "*.csv*; .*"), name)

    def test_newest_only_never_goes_back(self):
        old, new = self.file("a.csv", 1), self.file("b.csv", 2)
        self.assertEqual(choose([new, old], "", {}, True), [new])
        state = remember({}, [old, new], [new])
        self.assertEqual(choose([new, old], "", state, True), [])

    def test_all_oldest_first_and_once(self):
        old, new = self.file("z.csv", 1), self.file("a.csv", 2)
        self.assertEqual(choose([new, old], "", {}, False), [old, new])
        state = remember({}, [old, new], [old])
        self.assertEqual(choose([new, old], "", state, False), [new])

    def test_a_changed_file_comes_again(self):
        first = self.file("a.csv", 1)
        state = remember({}, [first], [first])
        self.assertEqual(choose([self.file("a.csv", 1, size=11)], "", state, True)[0].size, 11)
        self.assertTrue(choose([self.file("a.csv", 2)], "", state, True))

    def test_without_size_and_date_the_checksum_has_to_decide(self):
        bare = RemoteFile("a.csv", "a.csv")
        state = remember({}, [bare], [bare])
        self.assertEqual(choose([bare], "", state, True), [bare])

    def test_files_that_are_gone_are_forgotten(self):
        state = remember({"etag": "x"}, [self.file("a.csv")], [self.file("a.csv")])
        state = remember(state, [self.file("b.csv")], [])
        self.assertEqual(state, {"etag": "x", "seen": {}})

    def test_a_file_that_came_to_nothing_is_taken_once_more(self):
        files = [self.file("a.csv", 1), self.file("b.csv", 2)]
        state = remember({"etag": "x", "last_modified": "y", "of": "z"}, files, files)
        self.assertEqual(choose(files, "", state, False), [])
        state = forget(state, "b.csv")
        self.assertEqual(choose(files, "", state, False), files[1:])
        self.assertEqual(set(state), {"of", "seen"})
        self.assertEqual(forget({}, "b.csv"), {})

    def test_names(self):
        self.assertEqual(safe_name("../../etc/passwd"), "passwd")
        self.assertEqual(safe_name("C:\\x\\tarif.csv"), "tarif.csv")
        self.assertEqual(safe_name("a\u202egsc.exe\n"), "agsc.exe")
        self.assertEqual(safe_name(".."), "price-list")
        self.assertEqual(len(safe_name("x" * 500 + ".csv")), 120)

"""A label holds: what it expects is found, nothing else is an alarm, nothing refuted is said."""

import unittest

from ..cases.judging import misses_of

FOUND = {
    "severity": "warning",
    "diagnosis": "refused",
    "fault": "server",
    "grade": "inferred",
    "service": "10.0.0.1:80",
    "title": "some connections are refused",
    "sentence": "Others of the same port were served.",
    "remedy": ["ask the balancer"],
}
EXPECTED = {"diagnosis": "refused", "fault": "server"}


def label(**fields):
    return {"name": "a-case", "expected": [EXPECTED], **fields}


def misses(labelled, *findings, **more):
    objects = [{"finding": finding} for finding in findings]
    return misses_of(labelled, objects + [{key: value} for key, value in more.items()])


class JudgingTests(unittest.TestCase):
    def test_what_is_expected_and_found_is_right(self):
        self.assertEqual(misses(label(), FOUND), [])

    def test_what_is_not_found_is_a_miss(self):
        self.assertEqual(len(misses(label())), 1)

    def test_another_side_at_fault_is_a_miss_and_an_alarm(self):
        self.assertEqual(len(misses(label(), {**FOUND, "fault": "client"})), 2)

    def test_a_notice_beside_it_is_no_miss(self):
        notice = {**FOUND, "diagnosis": "unfinished", "severity": "notice"}
        self.assertEqual(misses(label(), FOUND, notice), [])

    def test_values_match_as_a_whole(self):
        halved = {**FOUND, "diagnosis": "refused-by-all"}
        self.assertEqual(len(misses(label(), halved)), 2)

    def test_grade_and_words_are_demanded_where_the_label_has_them(self):
        strict = {**EXPECTED, "grade": "proved"}
        worded = {**EXPECTED, "text": "balancer"}
        self.assertEqual(len(misses(label(expected=[strict]), FOUND)), 2)
        self.assertEqual(misses(label(expected=[worded]), FOUND), [])

    def test_a_rival_may_not_be_found_even_as_a_notice(self):
        rivals = [{"diagnosis": "port-scan", "refuted_by": "one port"}]
        notice = {**FOUND, "diagnosis": "port-scan", "severity": "notice"}
        self.assertEqual(len(misses(label(rivals=rivals), FOUND, notice)), 1)

    def test_what_must_not_be_said_needs_all_its_fields_in_one_finding(self):
        refused = [{"diagnosis": "refused", "text": "nothing listens"}]
        self.assertEqual(misses(label(not_said=refused), FOUND), [])
        said = {**FOUND, "sentence": "The host is up and nothing listens there."}
        self.assertEqual(len(misses(label(not_said=refused), said)), 1)

    def test_endings_and_traps_of_the_capture_count(self):
        wanted = label(endings={"open": 0}, quality="filter")
        trap = {"trap": "flags_only", "effect": "a capture filter hides ACKs"}
        self.assertEqual(misses(wanted, FOUND, endings={"open": 0}, quality=trap), [])
        self.assertEqual(len(misses(wanted, FOUND, endings={"open": 2})), 2)

    def test_a_command_that_fails_is_a_miss(self):
        self.assertEqual(misses_of(label(), [{"failed": "exit 3"}]), ["exit 3"])

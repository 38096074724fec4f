"""The kernel's log, written by hand, becomes the transitions of RFC 9293."""

import tempfile
import unittest

from ..packets import ACK, FIN, RST
from .hand_made import CLIENT, SERVER, HandMade, close_of_client, moment


def steps(history, local):
    """[(from, to, cause)] of each life of one end."""
    return [
        [(step.origin, step.target, step.cause) for step in life.transitions]
        for life in history.lives
        if life.key[0] == local
    ]


class HistoryTests(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def test_fin_wait_2_that_goes_on_in_the_table_is_time_wait(self):
        made = HandMade(self.directory)
        close_of_client(made)
        (life,) = steps(made.history(), CLIENT)
        self.assertEqual(life[-1], ("FIN_WAIT2", "TIME_WAIT", "packet"))

    def test_the_request_socket_begins_with_the_syn_not_with_the_third_segment(self):
        made = HandMade(self.directory)
        close_of_client(made)
        history = made.history()
        (life,) = [life for life in history.lives if life.side == "server"]
        self.assertEqual(life.transitions[0].origin, "LISTEN")
        self.assertLess(life.transitions[0].hi, moment(12))

    def test_time_wait_shorter_than_a_look_counts_when_a_syn_begins_the_next_life(self):
        made = HandMade(self.directory)
        opened = ((0, "CLOSED"), (0, "SYN_SENT"), (1, "ESTABLISHED"))
        made.life(CLIENT, SERVER, *opened, (6, "FIN_WAIT1"), (7, "FIN_WAIT2"), (7.2, "CLOSED"))
        made.life(CLIENT, SERVER, (8, "CLOSED"), (8, "SYN_SENT"), (9, "ESTABLISHED"))
        made.life(SERVER, CLIENT, (1, "ESTABLISHED"), (6.5, "CLOSE_WAIT"))
        made.life(
            SERVER,
            CLIENT,
            (0.5, "LISTEN"),
            (0.5, "SYN_RECV"),
            (1.5, "ESTABLISHED"),
            (6.5, "CLOSE_WAIT"),
            (7.1, "LAST_ACK"),
            (7.5, "CLOSED"),
        )
        made.row(0, CLIENT, SERVER, "ESTABLISHED")
        first, second = steps(made.history(), CLIENT)
        self.assertEqual(
            first[-2:],
            [("FIN_WAIT2", "TIME_WAIT", "packet"), ("TIME_WAIT", "CLOSED", "reuse")],
        )
        self.assertEqual(second[0], ("CLOSED", "SYN_SENT", "packet"))

    def test_time_wait_that_a_reset_ends_within_a_look_counts(self):
        made = HandMade(self.directory)
        made.life(
            CLIENT,
            SERVER,
            (0, "CLOSED"),
            (0, "SYN_SENT"),
            (8, "ESTABLISHED"),
            (21, "FIN_WAIT1"),
            (22, "FIN_WAIT2"),
            (22.5, "CLOSED"),
        )
        made.row(8, CLIENT, SERVER, "ESTABLISHED")
        made.row(22.5, CLIENT, SERVER, "-")
        made.segment(SERVER, CLIENT, FIN | ACK, 1, 2, client=22.4)
        made.segment(SERVER, CLIENT, RST, 2, 0, client=23)
        (life,) = steps(made.history(), CLIENT)
        self.assertEqual(life[-2][:2], ("FIN_WAIT2", "TIME_WAIT"))
        self.assertEqual(life[-1], ("TIME_WAIT", "CLOSED", "tw-early"))

    def closing(self, made):
        made.life(
            CLIENT,
            SERVER,
            (0, "CLOSED"),
            (0, "SYN_SENT"),
            (8, "ESTABLISHED"),
            (21, "FIN_WAIT1"),
            (22, "CLOSING"),
            (2001, "CLOSED"),
        )
        made.row(8, CLIENT, SERVER, "ESTABLISHED")
        made.row(22, CLIENT, SERVER, "CLOSING")

    def test_closing_that_gives_way_to_nothing_has_ended_by_a_timer(self):
        made = HandMade(self.directory)
        self.closing(made)
        made.row(2001, CLIENT, SERVER, "-")
        (life,) = steps(made.history(), CLIENT)
        self.assertEqual(life[-1], ("CLOSING", "CLOSED", "silent"))

    def test_closing_that_gives_way_to_a_mini_socket_is_time_wait(self):
        made = HandMade(self.directory)
        self.closing(made)
        made.row(2001, CLIENT, SERVER, "TIME_WAIT")
        (life,) = steps(made.history(), CLIENT)
        self.assertEqual(life[-1][:2], ("CLOSING", "TIME_WAIT"))

    def orphan(self, made):
        """FIN_WAIT2 as a mini-socket from 30 ms on, gone at 1030 ms."""
        made.life(
            CLIENT,
            SERVER,
            (0, "CLOSED"),
            (0, "SYN_SENT"),
            (8, "ESTABLISHED"),
            (21, "FIN_WAIT1"),
            (29, "FIN_WAIT2"),
            (31, "CLOSED"),
        )
        made.row(8, CLIENT, SERVER, "ESTABLISHED")
        made.row(29, CLIENT, SERVER, "FIN_WAIT2")
        made.row(1030, CLIENT, SERVER, "-")

    def test_an_orphan_that_ends_early_without_a_reset_has_met_its_timer(self):
        made = HandMade(self.directory)
        self.orphan(made)
        (life,) = steps(made.history(), CLIENT)
        self.assertEqual(life[-1], ("FIN_WAIT2", "CLOSED", "silent"))

    def test_an_orphan_that_answers_data_with_a_reset_ends_visibly(self):
        made = HandMade(self.directory)
        self.orphan(made)
        made.segment(SERVER, CLIENT, ACK, 1, 2, 10, client=1031)
        made.segment(CLIENT, SERVER, RST, 2, 0, client=1031.1)
        (life,) = steps(made.history(), CLIENT)
        self.assertEqual(life[-1], ("FIN_WAIT2", "CLOSED", "mini-rst"))

    def test_an_orphan_that_a_reset_ends_behind_the_fin_was_in_time_wait(self):
        made = HandMade(self.directory)
        self.orphan(made)
        made.segment(SERVER, CLIENT, FIN | ACK, 1, 2, client=1031)
        made.segment(SERVER, CLIENT, RST, 2, 0, client=1033)
        (life,) = steps(made.history(), CLIENT)
        self.assertEqual(life[-2][:2], ("FIN_WAIT2", "TIME_WAIT"))
        self.assertEqual(life[-1], ("TIME_WAIT", "CLOSED", "tw-early"))

    def test_a_fin_that_waits_behind_data_for_ever_is_not_visible(self):
        made = HandMade(self.directory)
        opened = ((0, "CLOSED"), (0, "SYN_SENT"), (8, "ESTABLISHED"))
        made.life(CLIENT, SERVER, *opened, (30, "FIN_WAIT1"), (5000, "CLOSED"))
        made.handshake()
        (life,) = steps(made.history(), CLIENT)
        self.assertEqual(life[2], ("ESTABLISHED", "FIN_WAIT1", "silent"))
        made.segment(CLIENT, SERVER, FIN | ACK, 1, 1, client=31)
        (life,) = steps(made.history(), CLIENT)
        self.assertNotEqual(life[2], ("ESTABLISHED", "FIN_WAIT1", "silent"))

    def aborted(self, made):
        made.life(
            CLIENT,
            SERVER,
            (0, "CLOSED"),
            (0, "SYN_SENT"),
            (8, "ESTABLISHED"),
            (50, "CLOSED"),
        )
        made.reset("send", 50, CLIENT, SERVER)

    def test_a_reset_that_the_host_dropped_is_not_visible(self):
        made = HandMade(self.directory)
        self.aborted(made)
        (life,) = steps(made.history(), CLIENT)
        self.assertEqual(life[-1], ("ESTABLISHED", "CLOSED", "silent"))

    def test_a_reset_that_left_its_host_is_visible(self):
        made = HandMade(self.directory)
        self.aborted(made)
        made.segment(CLIENT, SERVER, RST, 1, 0, client=50.1)
        (life,) = steps(made.history(), CLIENT)
        self.assertEqual(life[-1], ("ESTABLISHED", "CLOSED", "rst-out"))

    def test_a_translated_end_has_the_name_of_its_own_host(self):
        outside = "192.0.2.9"
        made = HandMade(self.directory, aliases={outside: CLIENT[0]})
        made.life(
            SERVER,
            (outside, CLIENT[1]),
            (12, "LISTEN"),
            (12, "SYN_RECV"),
            (12.01, "ESTABLISHED"),
        )
        (life,) = made.history().lives
        self.assertEqual(life.key, (SERVER, CLIENT))

    def test_what_a_host_says_to_itself_is_left_out(self):
        made = HandMade(self.directory)
        itself = (CLIENT[0], 99)
        made.life(CLIENT, itself, (0, "CLOSED"), (0, "SYN_SENT"), (1, "ESTABLISHED"))
        self.assertEqual(made.history().lives, [])

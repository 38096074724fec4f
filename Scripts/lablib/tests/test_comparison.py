"""Scores of predictions beside a log written by hand, worked out by hand as well."""

import json
import tempfile
import unittest

from ..accuracy import cuts, predictions
from ..accuracy.comparison import Comparison
from ..packets import ACK, FIN, RST, SYN
from .hand_made import CLIENT, SERVER, HandMade, close_of_client, moment, text

CLIENT_STEPS = [
    (0, "CLOSED", "SYN_SENT"),
    (8, "SYN_SENT", "ESTABLISHED"),
    (100, "ESTABLISHED", "FIN_WAIT1"),
    (108, "FIN_WAIT1", "FIN_WAIT2"),
    (112, "FIN_WAIT2", "TIME_WAIT"),
]
SERVER_STEPS = [
    (4, "LISTEN", "SYN_RECV"),
    (12, "SYN_RECV", "ESTABLISHED"),
    (104, "ESTABLISHED", "CLOSE_WAIT"),
    (108, "CLOSE_WAIT", "LAST_ACK"),
    (116, "LAST_ACK", "CLOSED"),
]


class ComparisonTests(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def score(self, made, vantage, **steps):
        history = made.history()
        path = f"{self.directory}/predicted"
        with open(path, "w") as out:
            for endpoint, own in steps.items():
                for time, origin, target in own:
                    line = {"ts": moment(time), "client": text(CLIENT), "server": text(SERVER)}
                    line |= {"endpoint": endpoint, "from": origin, "to": target}
                    out.write(json.dumps(line) + "\n")
        return Comparison(history, vantage).compare(predictions.read(path, history.names))

    def test_the_kernels_own_history_scores_a_hundred(self):
        made = HandMade(self.directory)
        close_of_client(made)
        result = self.score(made, "client", client=CLIENT_STEPS, server=SERVER_STEPS)
        self.assertEqual(result.counts["lives"], 2)
        self.assertEqual(result.counts["knowable lives"], 2)
        shares = (result.visible_sequence, result.knowable, result.precision, result.recall)
        self.assertEqual(shares, (100, 100, 100, 100))
        self.assertEqual(result.counts["false lives"], 0)

    def test_a_missing_and_a_wrong_step_are_counted_once_each(self):
        made = HandMade(self.directory)
        close_of_client(made)
        wrong = [*SERVER_STEPS[:3], (108, "CLOSE_WAIT", "CLOSED")]
        result = self.score(made, "client", client=CLIENT_STEPS, server=wrong)
        self.assertEqual(result.visible_sequence, 50)
        self.assertAlmostEqual(result.precision, 100 * 8 / 9)
        self.assertAlmostEqual(result.recall, 100 * 8 / 10)

    def test_a_life_that_no_packet_tells_counts_among_all_but_not_among_the_knowable(self):
        made = HandMade(self.directory)
        close_of_client(made)
        caller = (CLIENT[0], 4001)
        made.life(caller, SERVER, (500, "CLOSED"), (500, "SYN_SENT"))
        made.row(500, caller, SERVER, "SYN_SENT")
        made.segment(caller, SERVER, SYN, 0, 0, client=500)
        result = self.score(made, "server", client=CLIENT_STEPS, server=SERVER_STEPS)
        self.assertEqual((result.counts["lives"], result.counts["knowable lives"]), (3, 2))
        self.assertAlmostEqual(result.visible_sequence, 100 * 2 / 3)
        self.assertEqual(result.knowable, 100)

    def test_a_step_that_leaves_no_packet_is_not_asked_for(self):
        made = HandMade(self.directory)
        opened = ((0, "CLOSED"), (0, "SYN_SENT"), (8, "ESTABLISHED"))
        made.life(CLIENT, SERVER, *opened, (30, "FIN_WAIT1"), (5000, "CLOSED"))
        made.reset("receive", 5000, CLIENT, SERVER)
        made.handshake()
        made.segment(SERVER, CLIENT, RST, 1, 0, server=4996, client=5000)
        said = [*CLIENT_STEPS[:2], (5000, "ESTABLISHED", "CLOSED")]
        result = self.score(made, "client", client=said)
        self.assertEqual((result.counts["lives"], result.visible_sequence), (1, 100))

    def test_a_connection_that_the_kernel_never_had_is_a_false_life(self):
        made = HandMade(self.directory)
        result = self.score(made, "client", client=CLIENT_STEPS)
        self.assertEqual(result.counts["false lives"], 1)

    def test_a_life_that_ended_before_the_capture_is_no_false_one(self):
        made = HandMade(self.directory, capture_start=3000)
        close_of_client(made)
        steps = [(2990, "UNKNOWN", "ESTABLISHED"), (2999, "ESTABLISHED", "CLOSED")]
        result = self.score(made, "client", server=steps)
        self.assertEqual(result.counts["false lives"], 0)

    def test_a_late_capture_is_cut_after_it_began(self):
        made = HandMade(self.directory, end=5000, capture_start=3000)
        close_of_client(made)
        history = made.history()
        history.meta |= {"name": "made", "seed": 1}
        times = cuts.moments(history, 50, 7)
        self.assertEqual(len(times), 50)
        self.assertGreaterEqual(min(times), moment(3000))
        self.assertLessEqual(max(times), moment(5000))

    def test_a_late_capture_of_one_direction_never_shows_what_caused_a_step(self):
        made = HandMade(self.directory, capture_start=3000)
        opened = ((0, "CLOSED"), (0, "SYN_SENT"), (8, "ESTABLISHED"))
        closed = ((3100, "FIN_WAIT1"), (3108, "FIN_WAIT2"), (3112, "CLOSED"))
        made.life(CLIENT, SERVER, *opened, *closed)
        made.row(3112, CLIENT, SERVER, "TIME_WAIT")
        made.segment(CLIENT, SERVER, FIN | ACK, 1, 1, client=3100, mid=3102, server=3104)
        made.segment(CLIENT, SERVER, ACK, 2, 2, client=3112, mid=3114, server=3116)
        steps = [(time + 3000, origin, target) for time, origin, target in CLIENT_STEPS[2:]]
        result = self.score(made, "server", client=steps)
        self.assertEqual((result.counts["knowable lives"], result.knowable), (1, 100))

    def test_a_step_from_unknown_stands_for_the_first_one_of_a_late_capture(self):
        made = HandMade(self.directory, capture_start=3000)
        opened = ((0, "CLOSED"), (0, "SYN_SENT"), (8, "ESTABLISHED"))
        made.life(CLIENT, SERVER, *opened, (4000, "CLOSED"))
        made.reset("send", 4000, CLIENT, SERVER)
        made.segment(CLIENT, SERVER, RST, 1, 0, client=4000, mid=4002)
        result = self.score(made, "client", client=[(4000, "UNKNOWN", "CLOSED")])
        self.assertEqual((result.visible_sequence, result.recall), (100, 100))

    def test_a_step_that_may_have_happened_after_the_start_is_no_state_of_before(self):
        step = predictions.Prediction(5, "LISTEN", "SYN_RECV", (4, 900))
        later = predictions.Prediction(900, "SYN_RECV", "ESTABLISHED", (800, 950))
        (life,) = predictions.lives([step, later], 10, 1000, is_late=True)
        self.assertEqual(life[0].step, ("LISTEN", "SYN_RECV"))
        step.bracket = (4, 5)
        (life,) = predictions.lives([step, later], 10, 1000, is_late=True)
        self.assertEqual(life[0].step, ("UNKNOWN", "SYN_RECV"))

    def test_an_end_by_a_timer_behind_a_fin_that_never_left_is_quiet(self):
        kernel = [("ESTABLISHED", "CLOSE_WAIT"), ("CLOSE_WAIT", "LAST_ACK"), ("LAST_ACK", "CLOSED")]
        predicted = [kernel[0], ("CLOSE_WAIT", "CLOSED")]
        kept = predictions.without_quiet_end(predicted, kernel, kernel[:1])
        self.assertEqual(kept, kernel[:1])

    def test_what_a_host_says_to_itself_is_no_false_life(self):
        made = HandMade(self.directory)
        history = made.history()
        itself = ((CLIENT[0], 1), (CLIENT[0], 2))
        step = predictions.Prediction(moment(5), "CLOSED", "SYN_SENT")
        result = Comparison(history, "client").compare({itself: [step]})
        self.assertEqual(result.counts["false lives"], 0)


class KnowableTests(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def reason(self, made, vantage, local):
        history = made.history()
        knowable = Comparison(history, vantage).knowable
        (life,) = [life for life in history.lives if life.key[0] == local]
        return knowable.reason_against(life)

    def test_every_life_of_a_connection_without_loss_is_knowable_everywhere(self):
        made = HandMade(self.directory)
        close_of_client(made)
        for vantage in ("client", "mid", "server", "both"):
            for local in (CLIENT, SERVER):
                self.assertIsNone(self.reason(made, vantage, local), (vantage, local))

    def test_an_end_of_which_no_segment_passed(self):
        made = HandMade(self.directory)
        made.life(CLIENT, SERVER, (0, "CLOSED"), (0, "SYN_SENT"), (7000, "CLOSED"))
        made.segment(CLIENT, SERVER, SYN, 0, 0, client=0, mid=2)
        self.assertEqual(self.reason(made, "server", CLIENT), "no packet of that end")
        self.assertIsNone(self.reason(made, "client", CLIENT))

    def established(self, made, *steps):
        opened = ((0, "CLOSED"), (0, "SYN_SENT"), (8, "ESTABLISHED"))
        made.life(CLIENT, SERVER, *opened, *steps)
        made.handshake()

    def test_a_segment_lost_behind_the_tap_after_the_ends_last_word(self):
        made = HandMade(self.directory)
        self.established(made)
        made.segment(SERVER, CLIENT, RST, 1, 0, server=50, mid=52)
        for vantage in ("mid", "server"):
            reason = self.reason(made, vantage, CLIENT)
            self.assertEqual(reason, "lost between tap and end")
        self.assertIsNone(self.reason(made, "client", CLIENT))
        self.assertIsNone(self.reason(made, "both", CLIENT), "its own tap has it")

    def test_with_both_taps_an_end_is_told_by_its_own(self):
        made = HandMade(self.directory)
        made.life(CLIENT, SERVER, (0, "CLOSED"), (0, "SYN_SENT"), (7000, "CLOSED"))
        self.assertEqual(self.reason(made, "both", CLIENT), "no packet of that end")
        made.segment(CLIENT, SERVER, SYN, 0, 0, client=0)
        self.assertIsNone(self.reason(made, "both", CLIENT))

    def test_a_segment_lost_behind_the_tap_that_a_later_one_makes_good(self):
        made = HandMade(self.directory)
        self.established(made, (400, "CLOSE_WAIT"))
        fin = (SERVER, CLIENT, FIN | ACK, 1, 1)
        made.segment(*fin, server=50, mid=52)
        made.segment(*fin, server=396, mid=398, client=400)
        made.segment(CLIENT, SERVER, ACK, 1, 2, client=400, mid=402, server=404)
        self.assertIsNone(self.reason(made, "server", CLIENT))

    def test_an_answer_that_never_came_to_the_tap(self):
        made = HandMade(self.directory)
        self.established(made, (54, "CLOSE_WAIT"))
        made.segment(SERVER, CLIENT, FIN | ACK, 1, 1, server=50, mid=52, client=54)
        made.segment(CLIENT, SERVER, ACK, 1, 2, client=54)
        self.assertEqual(self.reason(made, "mid", CLIENT), "lost between tap and end")

    def test_a_fin_that_died_before_the_tap(self):
        made = HandMade(self.directory)
        self.established(made, (50, "FIN_WAIT1"), (3000, "CLOSED"))
        made.segment(CLIENT, SERVER, FIN | ACK, 1, 1, client=50)
        self.assertEqual(self.reason(made, "server", CLIENT), "FIN never passed the tap")
        made.segment(CLIENT, SERVER, ACK, 2, 1, client=60, mid=62, server=64)
        self.assertIsNone(self.reason(made, "server", CLIENT), "its number shows the FIN")

    def test_a_reset_that_never_passed_the_tap(self):
        made = HandMade(self.directory)
        self.established(made, (60, "CLOSED"))
        made.reset("receive", 60, CLIENT, SERVER)
        self.assertEqual(self.reason(made, "client", CLIENT), "RST never passed the tap")
        made.segment(SERVER, CLIENT, RST, 1, 0, server=56, mid=58, client=60)
        self.assertIsNone(self.reason(made, "client", CLIENT))

    def test_a_fin_before_the_capture(self):
        made = HandMade(self.directory, capture_start=3000)
        self.established(made, (50, "FIN_WAIT1"), (58, "FIN_WAIT2"), (5000, "CLOSED"))
        made.segment(CLIENT, SERVER, ACK, 2, 9, client=4000, mid=4002, server=4004)
        self.assertEqual(self.reason(made, "client", CLIENT), "FIN before the capture")

    def test_an_open_whose_syn_died_before_the_tap(self):
        made = HandMade(self.directory)
        made.life(CLIENT, SERVER, (0, "CLOSED"), (0, "SYN_SENT"), (10, "SYN_RECV"))
        made.segment(CLIENT, SERVER, SYN, 0, 0, client=0)
        made.segment(SERVER, CLIENT, SYN, 0, 0, server=6, mid=8, client=10)
        made.segment(CLIENT, SERVER, SYN | ACK, 0, 1, client=10, mid=12, server=14)
        self.assertEqual(self.reason(made, "mid", CLIENT), "SYN never passed the tap")

    def test_a_simultaneous_open_whose_answer_died_before_the_tap(self):
        made = HandMade(self.directory)
        steps = (0, "CLOSED"), (0, "SYN_SENT"), (10, "SYN_RECV"), (30, "ESTABLISHED")
        made.life(CLIENT, SERVER, *steps)
        made.segment(CLIENT, SERVER, SYN, 0, 0, client=0, mid=2, server=4)
        made.segment(SERVER, CLIENT, SYN, 0, 0, server=6, mid=8, client=10)
        made.segment(CLIENT, SERVER, SYN | ACK, 0, 1, client=10)
        made.segment(SERVER, CLIENT, SYN | ACK, 0, 1, server=26, mid=28, client=30)
        made.segment(CLIENT, SERVER, ACK, 1, 1, client=30, mid=32, server=34)
        self.assertEqual(self.reason(made, "mid", CLIENT), "SYN,ACK never passed the tap")
        self.assertIsNone(self.reason(made, "client", CLIENT))

    def test_a_fin_that_crossed_the_acknowledgment_of_the_syn(self):
        made = HandMade(self.directory)
        made.life(
            SERVER,
            CLIENT,
            (3, "LISTEN"),
            (4, "SYN_RECV"),
            (9, "FIN_WAIT1"),
            (12, "FIN_WAIT2"),
        )
        made.row(3, SERVER, CLIENT, "SYN_RECV")
        made.handshake()
        made.segment(SERVER, CLIENT, FIN | ACK, 1, 1, server=9, mid=11, client=13)
        self.assertEqual(self.reason(made, "client", SERVER), "crossed an acknowledgment")

    def test_a_fin_and_an_acknowledgment_that_overtook_one_another(self):
        for is_repeated in (False, True):
            with self.subTest(is_repeated=is_repeated):
                made = HandMade(self.directory)
                closing = (50, "FIN_WAIT1"), (60, "FIN_WAIT2"), (64, "CLOSED")
                self.established(made, *closing)
                made.segment(CLIENT, SERVER, FIN | ACK, 1, 1, client=50, mid=52, server=54)
                fin = (SERVER, CLIENT, FIN | ACK, 1, 1)
                made.segment(SERVER, CLIENT, ACK, 2, 2, server=55, mid=57, client=60)
                made.segment(*fin, server=54, mid=56, client=64)
                if is_repeated:
                    made.segment(*fin, server=254, mid=256, client=258)
                made.segment(CLIENT, SERVER, ACK, 2, 2, client=64, mid=66, server=68)
                reason = self.reason(made, "mid", CLIENT)
                self.assertEqual(reason, "FIN and acknowledgment overtook one another")
                self.assertIsNone(self.reason(made, "client", CLIENT))

    def test_a_fin_whose_first_copy_died_before_the_tap(self):
        reason = "first copy of its FIN died before the tap"
        for numbers, expected in (
            # In LAST-ACK a copy of what was there before is answered as CLOSING answers the FIN.
            ([(2, 2)], reason),
            ([], reason),
            # Without its FIN: CLOSE-WAIT. Without the peer's: FIN-WAIT-1.
            ([(1, 2), (2, 2)], None),
            ([(2, 1), (2, 2)], None),
        ):
            with self.subTest(numbers=numbers):
                made = HandMade(self.directory)
                self.established(made, (54, "CLOSE_WAIT"), (55, "LAST_ACK"), (264, "CLOSED"))
                made.segment(SERVER, CLIENT, FIN | ACK, 1, 1, server=50, mid=52, client=54)
                made.segment(CLIENT, SERVER, FIN | ACK, 1, 2, client=55)
                for after, (sequence, acknowledged) in enumerate(numbers):
                    times = {"client": 56 + after, "mid": 58 + after, "server": 60 + after}
                    made.segment(CLIENT, SERVER, ACK, sequence, acknowledged, **times)
                made.segment(CLIENT, SERVER, FIN | ACK, 1, 2, client=256, mid=258, server=260)
                made.segment(SERVER, CLIENT, ACK, 2, 2, server=260, mid=262, client=264)
                self.assertEqual(self.reason(made, "mid", CLIENT), expected)
                self.assertIsNone(self.reason(made, "client", CLIENT))

    def test_a_fin_that_was_queued_until_the_peers_had_come(self):
        made = HandMade(self.directory)
        self.established(made, (50, "FIN_WAIT1"), (60, "CLOSING"), (70, "CLOSED"))
        made.segment(SERVER, CLIENT, FIN | ACK, 1, 1, server=56, mid=58, client=60)
        made.segment(CLIENT, SERVER, FIN | ACK, 1, 2, client=61, mid=63, server=65)
        made.segment(SERVER, CLIENT, ACK, 2, 2, server=65, mid=67, client=70)
        reason = self.reason(made, "client", CLIENT)
        self.assertEqual(reason, "FIN queued until the peer's had come")

    def test_a_fin_without_time_stamps_that_was_lost_or_its_answer_was(self):
        made = HandMade(self.directory)
        self.established(made, (50, "FIN_WAIT1"), (60, "FIN_WAIT2"), (264, "CLOSED"))
        made.segment(SERVER, CLIENT, FIN | ACK, 1, 1, server=48, mid=50)
        made.segment(CLIENT, SERVER, FIN | ACK, 1, 1, client=50, mid=52, server=54)
        made.segment(SERVER, CLIENT, ACK, 2, 2, server=55, mid=57, client=60)
        made.segment(SERVER, CLIENT, FIN | ACK, 1, 2, server=260, mid=262, client=264)
        made.segment(CLIENT, SERVER, ACK, 2, 2, client=264, mid=266, server=268)
        reason = self.reason(made, "server", CLIENT)
        self.assertEqual(reason, "a FIN or the answer to it was lost")
        self.assertIsNone(self.reason(made, "client", CLIENT))

    def test_one_direction_with_a_fin_that_was_acknowledged_with_data(self):
        made = HandMade(self.directory)
        self.established(made, (54, "CLOSE_WAIT"), (56, "LAST_ACK"), (60, "CLOSED"))
        directory, frames = self.directory, made.frames["client"]
        frames[:] = [frames[0], frames[2]]
        made.segment(CLIENT, SERVER, FIN | ACK, 1, 502, client=56)
        reason = self.reason(made, "client", CLIENT)
        self.assertEqual(reason, "one direction, FIN acknowledged with data")

        told = HandMade(directory)
        self.established(told, (54, "CLOSE_WAIT"), (56, "LAST_ACK"), (60, "CLOSED"))
        frames = told.frames["client"]
        frames[:] = [frames[0], frames[2]]
        told.segment(CLIENT, SERVER, ACK, 1, 501, client=54)
        told.segment(CLIENT, SERVER, FIN | ACK, 1, 502, client=56)
        self.assertIsNone(self.reason(told, "client", CLIENT))

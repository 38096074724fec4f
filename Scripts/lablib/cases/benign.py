"""What looks odd and is as it should be."""

import time

from ..conversation import (
    abort,
    close_in_turn,
    read_to_end,
    receive_exactly,
    stop_sending,
)
from .registry import SERVICE, case, listeners, plain


def health_checks(how):
    def play(recording):
        opened = {4: recording.listen(4, SERVICE)}
        recording.background()
        began = time.monotonic()
        for i in range(8):
            time.sleep(max(began + i - time.monotonic(), 0))
            client, server = recording.connect(opened[4], 4)
            how(client, server)

    return play


def abort_both(client, server):
    abort(client)
    server.close()


case("health-check-rst", [("health-check", None)], ("server", "client"))(
    plain(health_checks(abort_both), "A load balancer connects every second and resets.")
)
case("health-check-fin", [("health-check", None)], ("middle",))(
    plain(health_checks(close_in_turn), "A load balancer connects every second and closes.")
)


@case("half-close-meant", [("legit-half-close", None)], ("client", "server", "middle"))
def half_close_meant(recording):
    """The client has sent its FIN, the server goes on sending: a half-close that is meant."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        client.sendall(b"everything, please")
        stop_sending(client)
        read_to_end(server)
        for _ in range(8 + 4 * i):
            server.sendall(b"r" * 300)
            receive_exactly(client, 300)
            time.sleep(0.3)
        if i == 2:
            recording.keep(client, server)
            return
        server.close()
        read_to_end(client)
        client.close()

    recording.in_parallel(3, talk)

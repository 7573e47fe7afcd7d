"""The network that storms spoil: it does what it is told, and nothing else."""

import socket
import socketserver
import threading
import time
from contextlib import contextmanager

import pytest

from tests.support.proxy import Proxy
from tests.support.servers import free_port, until


class Echo(socketserver.StreamRequestHandler):
    """Says every line again, and keeps it."""

    def handle(self):
        for said in self.rfile:
            self.server.heard.append(said)
            self.wfile.write(said)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address = True, True
    heard: list[bytes]


@pytest.fixture
def server():
    with Server(("127.0.0.1", free_port()), Echo) as server:
        server.heard = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def proxy(server):
    proxy = Proxy(free_port(), server.server_address[1]).start()
    yield proxy
    proxy.close()


@contextmanager
def client(proxy, *, patience_s=10.0):
    with socket.create_connection(("127.0.0.1", proxy.front), patience_s) as connection:
        yield connection


def ask(connection, said):
    connection.sendall(said)
    return connection.recv(100)


def test_what_both_sides_say_is_passed_on(proxy):
    with client(proxy) as one, client(proxy) as two:
        assert ask(one, b"first\n") == b"first\n"
        assert ask(two, b"second\n") == b"second\n"
        assert ask(one, b"third\n") == b"third\n"


def test_a_late_answer_comes_so_much_later(proxy):
    proxy.late(0.3)
    with client(proxy) as connection:
        asked = time.monotonic()
        assert ask(connection, b"late\n") == b"late\n"
        assert time.monotonic() - asked >= 0.3


def test_through_a_deaf_network_the_question_arrives_and_no_answer_does(proxy, server):
    proxy.deafen()
    with client(proxy, patience_s=0.5) as connection:
        with pytest.raises(TimeoutError):
            ask(connection, b"commit\n")
        assert server.heard == [b"commit\n"]
        proxy.heal()
        assert connection.recv(100) == b"commit\n"


def test_a_cut_ends_the_connections_there_are_and_no_others(proxy, server):
    proxy.deafen()
    with client(proxy, patience_s=5.0) as connection:
        connection.sendall(b"commit\n")
        until(lambda: server.heard == [b"commit\n"], "the question arrives")
        proxy.cut()
        assert ends(connection)
    proxy.heal()
    with client(proxy) as connection:
        assert ask(connection, b"again\n") == b"again\n"


def test_where_connections_are_refused_none_lasts(proxy):
    proxy.refuse()
    with client(proxy) as connection:
        assert ends(connection)
    proxy.heal()
    with client(proxy) as connection:
        assert ask(connection, b"again\n") == b"again\n"


def test_clients_of_a_server_that_is_down_are_cut_off(proxy, server):
    server.shutdown()
    server.server_close()
    with client(proxy) as connection:
        assert ends(connection)


def ends(connection):
    """Say whether the other side ended it, in order or not."""
    try:
        return connection.recv(100) == b""
    except ConnectionError:
        return True

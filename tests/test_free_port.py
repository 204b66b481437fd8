"""A port that a test was given is still free when its server starts, whatever runs beside."""

import socket

import pytest

from tests.support.servers import free_port


def test_a_port_is_kept_for_the_server_that_will_listen() -> None:
    address = ("127.0.0.1", free_port())
    with socket.socket() as another, pytest.raises(OSError, match="in use"):
        another.bind(address)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=1)
    with socket.create_server(address):
        socket.create_connection(address, timeout=1).close()


def test_a_port_is_given_once() -> None:
    assert len({free_port() for _ in range(50)}) == 50

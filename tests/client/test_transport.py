"""One question at a time: retries, limits, redirects, forbidden hosts, and how failures are named."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from peertube_sync.client import transport as module
from peertube_sync.client.errors import (
    BotCheck,
    BudgetClosed,
    ForbiddenHost,
    MalformedAnswer,
    Moved,
    PeerTubeError,
    RateLimited,
    Refused,
    ServerError,
    Unreachable,
)
from peertube_sync.client.rate_budget import LocalBudget
from peertube_sync.client.transport import Transport
from peertube_sync.testing import Catalogue, Fault, Sandbox
from tests.support.budgets import at_once


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Catalogue.generate(videos=3, seed=1), limit=None) as running:
        yield running


class Asking:
    """Asks a sandbox; pauses are noted, not slept."""

    def __init__(self, sandbox: Sandbox, **options: Any) -> None:
        self.pauses: list[float] = []
        self.transport = Transport(
            sandbox.url,
            sandbox.host,
            options.pop("budget", None) or LocalBudget(1.0),
            "test/1 (+https://mirror.example)",
            **{"allow_private": True, "sleep": self.pauses.append, **options},
        )

    def __call__(self, path: str = "/api/v1/videos", **params: Any) -> bytes:
        return self.transport.get(path, params).body


def test_lists_of_values_repeat_their_key(sandbox: Sandbox) -> None:
    Asking(sandbox)("/api/v1/videos", categoryOneOf=[1, 5], count=2)
    assert sandbox.log[-1].query == {"categoryOneOf": ["1", "5"], "count": ["2"]}


def test_we_name_ourselves_and_ask_for_json(sandbox: Sandbox) -> None:
    Asking(sandbox)()
    assert sandbox.log[-1].headers["user-agent"] == "test/1 (+https://mirror.example)"
    assert sandbox.log[-1].headers["accept"].startswith("application/json")


def test_a_failing_server_is_asked_again_with_growing_pauses(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("status", "videos", times=3, status=502))
    ask = Asking(sandbox)
    assert b'"total":' in ask()
    first, second, third = ask.pauses
    assert 0.5 <= first <= 1.5 <= second + 0.5
    assert second <= 3.0
    assert 2.0 <= third <= 6.0


def test_the_larger_limit_of_other_addresses_is_not_taken_for_the_apis(sandbox: Sandbox) -> None:
    sandbox.limit = 50
    slept: list[float] = []
    ask = Asking(sandbox, budget=LocalBudget(1.0, clock=lambda: 1000.0 + sum(slept), sleep=slept.append))
    for path in ("/.well-known/nodeinfo", "/api/v1/videos", "/nodeinfo/2.0.json", "/api/v1/videos"):
        ask(path)
    assert slept == pytest.approx([0.2, 0.2, 0.2])


def test_retries_are_bounded(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("status", "videos", times=None, status=500))
    ask = Asking(sandbox)
    with pytest.raises(ServerError, match="answered 500"):
        ask()
    assert (len(sandbox.log), ask.transport.tally.requests) == (4, 4)


@pytest.mark.parametrize(
    ("fault", "error", "asked"),
    [
        (Fault("too_many", "", times=None, retry_after=3), RateLimited, 1),
        (Fault("status", "", times=None, status=503, retry_after=3), ServerError, 1),
        (Fault("html", "", times=None, status=403), BotCheck, 1),
    ],
    ids=["429", "503 with Retry-After", "anti-bot"],
)
def test_what_would_only_annoy_is_not_repeated(
    sandbox: Sandbox, fault: Fault, error: type[PeerTubeError], asked: int
) -> None:
    sandbox.faults.add(fault)
    with pytest.raises(error):
        Asking(sandbox)()
    assert len(sandbox.log) == asked


def test_after_a_429_nobody_asks_before_the_time_it_named(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("too_many", "", times=1, retry_after=30))
    ask = Asking(sandbox, patience=1.0)
    with pytest.raises(RateLimited) as limited:
        ask()
    assert (limited.value.retry_after, ask.transport.tally.rate_limited) == (30, 1)
    with pytest.raises(BudgetClosed):
        ask()
    assert len(sandbox.log) == 1


def test_peertubes_own_words_are_told_from_a_proxys(sandbox: Sandbox) -> None:
    with pytest.raises(Refused) as own:
        Asking(sandbox)("/api/v1/video-channels/nobody")
    assert (own.value.status, own.value.own, own.value.gone) == (404, True, True)
    assert "not found" in str(own.value)
    sandbox.faults.add(Fault("status", "", times=1, status=403))
    with pytest.raises(Refused) as proxy:
        Asking(sandbox)()
    assert (proxy.value.status, proxy.value.own, proxy.value.gone) == (403, False, False)


def test_invalid_parameters_are_kept(sandbox: Sandbox) -> None:
    with pytest.raises(Refused) as refused:
        Asking(sandbox)(count=101)
    assert (refused.value.status, refused.value.gone) == (400, False)
    assert "count" in refused.value.invalid_params


def test_an_unknown_route_is_an_empty_400(sandbox: Sandbox) -> None:
    with pytest.raises(Refused) as refused:
        Asking(sandbox)("/api/v1/nope")
    assert (refused.value.status, refused.value.own) == (400, False)


def test_an_answer_that_takes_too_long_is_named(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("slow", "", times=None, delay=2.0))
    with pytest.raises(Unreachable, match="in time") as late:
        Asking(sandbox, timeout=0.2, retries=0)()
    assert late.value.reason == "timeout"


def test_an_answer_that_is_too_long_is_cut_off(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BODY", 1000)
    with pytest.raises(MalformedAnswer, match="more than 1000 bytes"):
        Asking(sandbox)()


def test_private_hosts_and_plain_http_are_refused_before_a_byte_is_sent(sandbox: Sandbox) -> None:
    with pytest.raises(ForbiddenHost, match="is not https"):
        Asking(sandbox, allow_private=False)
    host = sandbox.host
    https = Transport(f"https://{host}", host, LocalBudget(1.0), "test", retries=0)
    with pytest.raises(ForbiddenHost, match="private network"):
        https.get("/")
    assert sandbox.log == []


Script = Callable[[socket.socket], None]


@pytest.fixture
def scripted() -> Iterator[Callable[..., str]]:
    """A server whose connections follow scripts, one after the other."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(*scripts: Script) -> str:
        def run() -> None:
            for script in scripts:
                connection, _ = listener.accept()
                with connection:
                    script(connection)

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return f"127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for thread in threads:
        thread.join(5)
    listener.close()


def answers(*bodies: bytes) -> Script:
    """Answer one request per body on a connection that says it is kept, then close it."""

    def script(connection: socket.socket) -> None:
        for body in bodies:
            connection.recv(65536)
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nKeep-Alive: timeout=5\r\n\r\n"
            connection.sendall(head.encode() + body)

    return script


def drops(connection: socket.socket) -> None:
    """Take a request and close without a word, as a server does whose keep-alive has just run out."""
    connection.recv(65536)


def asked_at(host: str, **options: Any) -> Transport:
    return Transport(f"http://{host}", host, LocalBudget(1.0), "test", allow_private=True, **options)


def test_a_connection_that_the_server_closed_is_tried_again_at_once(scripted: Callable[..., str]) -> None:
    pauses: list[float] = []
    transport = asked_at(scripted(answers(b"one"), drops, answers(b"two")), sleep=pauses.append)
    assert [transport.get("/").body, transport.get("/").body] == [b"one", b"two"]
    assert pauses == []
    transport.close()


def test_a_redirect_is_reported(scripted: Callable[..., str]) -> None:
    def redirects(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 301 M\r\nLocation: https://new.example/a?b=c\r\nContent-Length: 0\r\n\r\n")

    transport = asked_at(scripted(redirects), retries=0)
    with pytest.raises(Moved, match=r"/a redirects to 'https://new\.example/a', which is not followed") as moved:
        transport.get("/a?b=c")
    assert moved.value.location == "https://new.example/a?b=c"
    transport.close()


def says(head: str) -> Script:
    """Answer one request with a status line and headers, without a body."""

    def script(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    return script


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("304 Not Modified", "answered 304, that nothing has changed, though nobody asked"),
        ("304 Not Modified\r\nLocation: https://new.example/", "answered 304, that nothing has changed"),
        ("302 Found", "answered 302, a redirect, without saying where to"),
        ("308 Permanent Redirect\r\nLocation:  ", "answered 308, a redirect, without saying where to"),
        ("300 Multiple Choices", "answered 300, a redirect, without saying where to"),
        ("206 Partial Content\r\nContent-Range: bytes 0-0/9", "answered 206, which is no whole answer"),
        ("199 Miscellaneous", "answered 199, which is no whole answer"),
    ],
)
def test_an_answer_to_what_nobody_asked_is_malformed(scripted: Callable[..., str], head: str, words: str) -> None:
    transport = asked_at(scripted(says(head)), retries=0)
    with pytest.raises(MalformedAnswer, match=words) as caught:
        transport.get("/")
    assert (caught.value.state, transport.tally.answers) == ("malformed", 0)
    transport.close()


@pytest.mark.parametrize(
    ("body", "own"),
    [
        (b'{"detail": "no\\u0000 \\u001b[31mway\\n\\u202e"}', True),
        (b'{"detail": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", False),
        (b'{"detail": "no", "more": ' + b"[" * 100_000, False),
    ],
)
def test_what_a_refusal_says_is_one_line_that_any_database_takes(
    scripted: Callable[..., str], body: bytes, *, own: bool
) -> None:
    def refuses(connection: socket.socket) -> None:
        connection.recv(65536)
        kind = b"Content-Type: application/problem+json"
        connection.sendall(b"HTTP/1.1 400 N\x00o\r\n%b\r\nContent-Length: %d\r\n\r\n" % (kind, len(body)) + body)

    transport = asked_at(scripted(refuses), retries=0)
    with pytest.raises(Refused) as refused:
        transport.get("/")
    assert str(refused.value).isprintable()
    assert refused.value.own == own
    transport.close()


def test_a_server_that_names_a_date_is_not_asked_before_it(scripted: Callable[..., str]) -> None:
    dates = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:51:37 GMT"
    transport = asked_at(scripted(says(f"503 Service Unavailable\r\n{dates}")), sleep=pytest.fail, patience=1.0)
    with pytest.raises(ServerError) as caught:
        transport.get("/")
    assert caught.value.retry_after == 120
    with pytest.raises(BudgetClosed):
        transport.get("/")
    transport.close()


def test_no_answer_takes_longer_than_the_timeout_in_all(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("drip", "videos", times=1, delay=60.0))
    with pytest.raises(Unreachable, match="too long") as late:
        Asking(sandbox, timeout=0.3, retries=0)()
    assert late.value.reason == "timeout"


@pytest.mark.parametrize(
    ("base", "reason"),
    [("http://127.0.0.1:1", "refused"), ("http://nowhere.invalid", "dns")],
)
def test_what_went_wrong_is_named(base: str, reason: str) -> None:
    transport = Transport(base, base.partition("//")[2], LocalBudget(1.0), "test", retries=0, allow_private=True)
    with pytest.raises(Unreachable) as failed:
        transport.get("/")
    assert failed.value.reason == reason


def test_a_server_without_tls_is_named(sandbox: Sandbox) -> None:
    host = sandbox.host
    transport = Transport(f"https://{host}", host, LocalBudget(1.0), "test", retries=0, allow_private=True)
    with pytest.raises(Unreachable) as failed:
        transport.get("/")
    assert failed.value.reason == "tls"


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("Application/JRD+JSON", True),
        ("application/problem+json", True),
        ("", False),
        ("text/html", False),
        ("text/json", False),
        ("image/svg+xml; x=application/json", False),
    ],
)
def test_json_is_what_calls_itself_so(kind: str, taken: bool) -> None:
    answer = module.HttpAnswer(b"{}", {"Content-Type": kind})
    if taken:
        assert answer.json("test") == b"{}"
    else:
        with pytest.raises(MalformedAnswer, match="did not answer with JSON"):
            answer.json("test")


def test_a_dns_that_does_not_answer_takes_no_longer_than_all_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given: answered.wait(30))
    asking = Transport("https://slow.example", "slow.example", at_once(), "tests/1", timeout=0.2, retries=0)
    began = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        asking.get("/api/v1/config")
    answered.set()
    assert (caught.value.reason, time.monotonic() - began < 5) == ("timeout", True)

"""How long the database may take for an answer: 503 beyond it on every face, and nothing of it stays behind."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from peertube_sync.faces import deadline
from peertube_sync.faces.prepared_statements import FROM, MOST_PREPARED
from peertube_sync.ingest.answers import write_answers
from peertube_sync.models import Channel, Curation, Instance, Revision, Video
from tests.support.catalogue import HOST, mirror_lists, richest
from tests.support.formats import sitemap_part
from tests.support.users import somebody

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    *("/api/videos/", "/api/videos/?q=video", "/api/tags/", "/api/instances/", "/api/health/"),
    *("/api/v1/videos", "/api/v1/search/videos?search=video", "/api/v1/instances", "/api/v1/server/stats"),
    *("/", "/videos/", "/channels/", "/feeds/rss/", "/feeds/json/", "/sitemap.xml"),
)
TABLES = "peertube_sync_video, peertube_sync_instance, peertube_sync_channel"
SHORT = 0.05


@pytest.fixture(autouse=True)
def default_time(settings: Any) -> None:
    """Give statements the time that they have where nothing is set; the suite gives them more."""
    settings.PEERTUBE_SYNC = {
        name: value for name, value in settings.PEERTUBE_SYNC.items() if name != "STATEMENT_TIMEOUT"
    }


@pytest.fixture(autouse=True)
def own_connection(transactional_db: None) -> None:
    """Give each test a connection on which no other has had statements prepared."""
    connection.close()


@pytest.fixture
def slow(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make every statement take too long: on PostgreSQL it waits for somebody else, on SQLite it has no time at all."""
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "STATEMENT_TIMEOUT": SHORT}
    if connection.vendor == "sqlite":
        settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "STATEMENT_TIMEOUT": 1e-9}
        monkeypatch.setattr(deadline, "STEPS", 1)
        yield
        return
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {TABLES} IN ACCESS EXCLUSIVE MODE")
    yield
    other.rollback()
    other.close()


def timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("path", [*PAGES, "/sitemap-0.xml"])
def test_what_takes_the_database_too_long_is_503_with_the_time_to_come_back(
    client: Client, slow: None, path: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30"), answer.content[:300]
    assert b"too long" in answer.content
    kind = {"/api/v1": "application/problem+json; charset=utf-8", "/api/": "application/problem+json"}
    assert answer["Content-Type"] == next(
        (kind[begin] for begin in kind if path.startswith(begin)), answer["Content-Type"]
    )


def test_nothing_of_it_stays_on_the_connection(client: Client) -> None:
    mirror_lists()
    for path in (*PAGES, sitemap_part()):
        assert client.get(path).status_code == 200, path
        if connection.vendor == "postgresql":
            assert timeout() == "0"
    Video.objects.update(views=1)  # and writing is allowed again


@pytest.mark.usefixtures("slow")
def test_after_503_the_connection_is_good_again(client: Client) -> None:
    assert client.get("/api/videos/").status_code == 503
    assert not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT max(i) FROM n"
        )
        assert cursor.fetchone() == (100_000,)


@pytest.mark.postgres
@pytest.mark.parametrize("atomic", [False, True])
def test_statements_have_their_time_in_one_transaction_that_writes_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch, atomic: bool
) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
    mirror_lists()
    seen: set[tuple[Any, ...]] = set()
    asked = "SELECT current_setting('statement_timeout'), current_setting('transaction_read_only')"

    def execute(run: Callable[..., Any], *statement: Any) -> Any:
        done = run(*statement)
        seen.add(connection.connection.execute(asked).fetchone())
        return done

    for path in ("/api/instances/", "/api/v1/instances"):
        with connection.execute_wrapper(execute):
            assert client.get(path).status_code == 200
    assert seen == {("5s", "off" if atomic else "on")}
    assert timeout() == "0"


@pytest.mark.postgres
def test_a_transaction_that_was_there_before_gets_its_own_limit_back() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1234")
        with deadline.reading(read_only=True):
            Instance.objects.count()
            assert timeout() == "5s"
        assert timeout() == "1234ms"
        Instance.objects.create(host="video.example")


@pytest.mark.postgres
@pytest.mark.parametrize("path", ["/api/instances/", "/api/v1/videos", "/api/videos/?q=video"])
def test_a_kept_connection_that_has_ended_is_opened_anew(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setitem(connection.settings_dict, "CONN_HEALTH_CHECKS", True)
    connection.close()
    connection.ensure_connection()
    connection.close_if_unusable_or_obsolete()  # as each request does first, but for the test client's
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [connection.connection.info.backend_pid])
    other.close()
    assert client.get(path).status_code == 200
    assert timeout() == "0"


def lists_and_rows() -> tuple[str, ...]:
    video = Video.objects.listed()[0]
    return (
        *("/api/videos/", "/api/channels/?page_size=2", f"/api/videos/{video.uuid}/"),
        f"/api/channels/{video.channel.handle}/",
        *("/api/v1/videos?start=1&count=2", "/api/v1/videos?nsfw=both", f"/api/v1/videos/{video.uuid}"),
        *("/api/v1/video-channels", f"/api/v1/accounts/{video.account.handle}"),
    )


@pytest.mark.postgres
def test_a_list_or_a_row_is_read_by_one_message_with_its_limit(client: Client) -> None:
    mirror_lists()
    write_answers()
    messages = {}
    with closing(connection.copy()) as other:
        for path in {*lists_and_rows()} - {f"/api/v1/videos/{Video.objects.listed()[0].uuid}"}:  # it has no details yet
            client.get(path)  # which counts what a list of PeerTube's shape has, for a second
            assert client.get(path).status_code == 200
            with other.cursor() as cursor:
                cursor.execute(
                    "SELECT query FROM pg_stat_activity WHERE pid = %s", [connection.connection.info.backend_pid]
                )
                messages[path] = cursor.fetchone()[0]
    others = r"(SET LOCAL (transaction_read_only = on|enable_sort = off); )*"
    begin = re.compile(rf"SET LOCAL statement_timeout = 5000; {others}(SELECT sum\(|EXECUTE \w+; SELECT )")
    assert [message for message in messages.items() if not begin.match(message[1])] == []


@pytest.mark.postgres
def test_statements_are_planned_once_while_the_connection_is_ones_own(client: Client) -> None:
    mirror_lists()
    write_answers()
    prepared = "SELECT count(*), sum(generic_plans) FROM pg_prepared_statements"  # the revision's, and the list's
    path = "/api/channels/?page_size=2"
    contents = {client.get(path).content for _turn in range(2 * FROM)}
    with connection.cursor() as cursor:
        cursor.execute(prepared)
        assert cursor.fetchone() == (2, 2 * (FROM + 1))
        cursor.execute("DEALLOCATE ALL")  # as it is where somebody else has the connection in between
        contents |= {client.get(path).content for _turn in range(2 * FROM)}
        cursor.execute(prepared)
        assert cursor.fetchone() == (0, None)
    assert len(contents) == 1


@pytest.mark.postgres
def test_pages_of_a_small_table_are_read_along_its_index_too(client: Client) -> None:
    instance = Instance.objects.create(host=HOST)
    Channel.objects.bulk_create(
        Channel(instance=instance, name=f"c{n}", remote_id=n, url=f"https://{HOST}/c/{n}") for n in range(700)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Channel._meta.db_table}")
    following = client.get("/api/channels/?page_size=100").json()["next"]
    for _turn in range(FROM):
        assert len(client.get(following).json()["results"]) == 100
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE parameter_types <> '{}'")
        (name,) = cursor.fetchone()
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        cursor.execute(f"EXPLAIN EXECUTE {name} ('c1', 1)")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET plan_cache_mode")
        cursor.execute("SHOW enable_sort")
        assert cursor.fetchone() == ("on",)
    assert "using channel_by_handle" in plan, plan
    assert "Sort" not in plan


@pytest.mark.postgres
def test_statements_within_a_transaction_are_planned_once_too(client: Client) -> None:
    mirror_lists()
    path = "/videos/?is_live=false"  # begins with statements that are written each time

    def prepared_after() -> int:
        for _turn in range(2 * FROM):
            assert client.get(path).status_code == 200
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements")
            return int(cursor.fetchone()[0])

    documents, facets, tags = 1, 1, 1
    assert prepared_after() == documents + facets + tags
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")  # as it is where somebody else has the connection in between
    assert prepared_after() == 0


@pytest.mark.postgres
def test_what_came_seldom_leaves_room_to_prepare_what_comes_often(client: Client) -> None:
    mirror_lists()
    write_answers()
    often = "/api/v1/video-channels?count=99"
    for count in (*range(MOST_PREPARED + 1), *[99] * FROM):
        assert client.get(f"/api/v1/accounts?count={count}&skipCount=true").status_code == 200
    for _turn in range(FROM):
        assert client.get(often).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%_channel%'")
        assert cursor.fetchone() == (1,)


@pytest.mark.postgres
def test_nothing_is_prepared_behind_a_pooler(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror_lists()
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    for _turn in range(2 * FROM):
        assert client.get("/api/v1/video-channels").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)


@pytest.mark.postgres
def test_whoever_looks_at_statements_sees_them_and_gets_the_same_answers(client: Client) -> None:
    mirror_lists()
    write_answers()
    for path in lists_and_rows():
        with CaptureQueriesContext(connection) as queries:
            seen = client.get(path)
        assert any("peertube_sync_" in query["sql"] for query in queries), path
        unseen = client.get(path)
        assert (unseen.content, unseen["ETag"]) == (seen.content, seen["ETag"]), path


@pytest.mark.postgres
def test_the_first_message_of_an_answer_has_its_limit_too(client: Client, settings: Any) -> None:
    settings.PEERTUBE_SYNC = {**settings.PEERTUBE_SYNC, "STATEMENT_TIMEOUT": SHORT}
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Revision._meta.db_table} IN ACCESS EXCLUSIVE MODE")
    for path in ("/api/videos/", "/api/v1/videos"):
        assert client.get(path).status_code == 503
        assert (connection.in_atomic_block, timeout()) == (False, "0")
    other.rollback()
    other.close()


@pytest.mark.usefixtures("slow")
@pytest.mark.postgres
def test_a_request_in_a_transaction_is_undone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    for path in ("/api/videos/", "/api/v1/videos", "/videos/"):
        assert client.get(path).status_code == 503
        assert (connection.in_atomic_block, timeout()) == (False, "0")


def test_other_failures_stay_what_they_are(client: Client) -> None:
    def execute(*_statement: Any) -> Any:
        raise OperationalError

    client.raise_request_exception = False
    for path in ("/api/instances/", "/api/v1/instances", "/instances/"):
        with connection.execute_wrapper(execute):
            assert client.get(path).status_code == 500


def test_a_cache_in_the_same_database_is_written_all_the_same(client: Client, settings: Any) -> None:
    backend = "django.core.cache.backends.db.DatabaseCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "kept_answers", "OPTIONS": {"MAX_ENTRIES": 2}}}
    call_command("createcachetable", verbosity=0)
    try:
        mirror_lists()
        for path in (*PAGES, sitemap_part()) * 2:
            assert client.get(path).status_code == 200, path
        assert client.get("/api/v1/server/stats").json()["totalLocalVideos"] > 0
        cache.clear()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE kept_answers")


def test_staff_write_without_a_time_limit() -> None:
    mirror_lists()
    path = f"/api/videos/{richest()}/curation/"
    client = somebody("view_curation", "change_curation")
    assert client.patch(path, {"hidden": True}, "application/json").status_code == 200
    assert client.get(path).json()["hidden"] is True
    assert Curation.objects.get().hidden
    assert client.get("/api/videos/", {"instance": HOST, "privacy": "private"}).status_code == 403

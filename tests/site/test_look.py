"""The look that the owner chooses in the admin, and what pages show of it at the very next request."""

import re
from collections.abc import Callable
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import include
from django.urls import path as route

from peertube_sync.faces.contrast import DARK_GROUNDS, LIGHT_GROUNDS
from peertube_sync.models import Curation, HomeSection, Instance, Playlist, SiteLink, SiteLook, Video
from peertube_sync.models.constant_names import CATEGORY_NAMES
from tests.support.admin_pages import StaffClient, adding, listing, page
from tests.support.catalogue import HOST
from tests.support.page import Look, Page
from tests.support.paths import ROOT

LOOK = {"name": "", "show_name": "on", "accent": "", "accent_dark": "", "page_links": "on", "footer_text": ""}
Save = Callable[..., list[str]]
EXTRA = 'pip install "django-peertube-sync[pictures]"'


class Prefixed:
    urlpatterns = [
        route("some/prefix/", include("peertube_sync.site.urls")),
        route("admin/", admin.site.urls),
    ]


def rows(prefix: str, given: list[dict[str, Any]], there: int) -> dict[str, Any]:
    """Return the rows of an inline form as a browser sends them, the first ones for those that are `there`."""
    sent: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(given), f"{prefix}-INITIAL_FORMS": there}
    for number, row in enumerate(given):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


@pytest.fixture
def save(admin_client: Client, full: Video) -> Save:
    """Save the form of the look as its owner does: `sections` and `links` in place of those before; return errors."""

    def post(sections: Any = (), links: Any = (), **columns: Any) -> list[str]:
        HomeSection.objects.all().delete()
        SiteLink.objects.all().delete()
        there = SiteLook.objects.first()
        placed = [{"position": at, "number": 12, **one} for at, one in enumerate(sections)]
        linked = [{"position": at, "place": "menu", **one} for at, one in enumerate(links)]
        data = {**LOOK, **columns, **rows("sections", placed, 0), **rows("links", linked, 0)}
        answer = admin_client.post(page(there) if there else adding("sitelook"), data)
        if answer.status_code == 302:
            return []
        told = answer.context["adminform"].form.errors
        inline = [form.errors for one in answer.context["inline_admin_formsets"] for form in one.formset.forms]
        return [error for errors in [told, *inline] for found in errors.values() for error in found]

    return post


def picture(width: int, height: int, kind: str = "PNG") -> SimpleUploadedFile:
    image, file = pytest.importorskip("PIL.Image", reason=EXTRA), BytesIO()
    image.new("RGBA" if kind == "PNG" else "RGB", (width, height), "#1d5f8a").save(file, kind)
    return SimpleUploadedFile(f"logo.{kind.lower()}", file.getvalue())


def colours_of(shown: Page) -> str:
    """Return the address of the style sheet with the owner's colours."""
    (sheet,) = (one for one in shown.links("stylesheet") if "/look/" in one)
    return sheet


def headings(shown: Page) -> list[str]:
    return [one.text for one in shown.all("h2")]


def test_without_a_look_pages_are_as_usual(look: Look, full: Video) -> None:
    Curation.objects.create(video=full, featured=True)
    shown = look("/")
    assert headings(shown) == ["Featured", "Latest"]
    assert [one.text for one in shown.all("title")] == ["Videos"]
    sheets = ("site", "parts", "lists", "home")
    assert shown.links("stylesheet") == [f"/static/peertube_sync/site/{name}.css" for name in sheets]
    assert len(shown.videos()) == len({*shown.videos()}) == 13


def test_the_name_is_seen_at_the_next_request_everywhere(save: Save, look: Look, client: Client, full: Video) -> None:
    paths = ("/", "/videos/", f"/videos/{full.short_uuid}/", "/instances/")
    for name in ("Harbour <b>&", "Port"):
        assert save(name=name) == []
        assert all(look(path).all("title")[0].text.endswith(name) for path in paths)
        assert look("/videos/nowhere/", status=404).all("title")[0].text.endswith(name)
        assert look("/nowhere", status=404).all("title")[0].text.endswith(name)
        assert client.get("/feeds/json/").json()["title"] == name
        assert client.get("/api/v1/config").json()["instance"]["name"] == name
        oembed = client.get("/oembed/", {"url": f"http://testserver/videos/{full.short_uuid}/"}).json()
        assert oembed["provider_name"] == name


def test_an_empty_name_is_that_of_the_settings(save: Save, look: Look) -> None:
    assert save() == []
    with override_settings(PEERTUBE_SYNC={"SITE_NAME": "Of the settings"}):
        assert look("/").all("title")[0].text == "Of the settings"


def test_the_look_costs_pages_no_query(save: Save, look: Look, django_assert_num_queries: Any) -> None:
    assert save(name="A", footer_text="B", accent="#1d5f8a", links=[{"label": "C", "address": "/c"}]) == []
    list_and_number = 2
    with django_assert_num_queries(list_and_number):
        look("/channels/")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_logo_is_made_anew_and_kept_for_good(save: Save, look: Look, client: Client, kind: str) -> None:
    assert save(new_logo=picture(1000, 250, kind)) == []
    (image,) = look("/").all("img", class_="site-logo")
    assert (image.attributes["width"], image.attributes["height"], image.attributes["alt"]) == ("384", "96", "")
    answer = client.get(image.attributes["src"])
    assert answer["Content-Type"] == "image/webp"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    with pytest.importorskip("PIL.Image").open(BytesIO(answer.content)) as kept:
        assert (kept.format, kept.size) == ("WEBP", (384, 96))
    assert save(new_logo=picture(64, 64), show_name="") == []
    (other,) = look("/").all("img", class_="site-logo")
    assert other.attributes["alt"] == "Videos"
    assert look("/").links("icon") == [other.attributes["src"]]
    assert client.get(image.attributes["src"])["Location"] == other.attributes["src"]
    assert save(no_logo="on") == []
    assert look("/").all("img", class_="site-logo") == []
    assert client.get(other.attributes["src"]).status_code == 404


@pytest.mark.skipif(bool(find_spec("PIL")), reason="Pillow is installed here; `make fresh` runs this where it isn't")
def test_a_logo_names_the_extra_that_it_needs(save: Save) -> None:
    (error,) = save(new_logo=SimpleUploadedFile("logo.png", b"\x89PNG"))
    assert "pip install 'django-peertube-sync[pictures]'" in error


def test_what_is_no_safe_picture_is_refused_by_its_name(save: Save) -> None:
    pytest.importorskip("PIL", reason=EXTRA)
    script = SimpleUploadedFile("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    (error,) = save(new_logo=script)
    assert error.startswith("logo.svg can't be the logo: it can't be read as a picture")
    (error,) = save(new_logo=picture(2000, 100))
    assert "2000 x 100 pixels, more than 8 times" in error
    (error,) = save(new_logo=SimpleUploadedFile("large.png", b"\x89PNG" + bytes(6_000_000)))
    assert "more than 5242880" in error
    assert not SiteLook.objects.exists()


def test_colours_are_measured_on_the_grounds_that_pages_have() -> None:
    sheet = (ROOT / "peertube_sync/static/peertube_sync/site/site.css").read_text()
    grounds = re.findall(r"--(?:ground|raised): var\([\w-]+, light-dark\((#\w+), (#\w+)\)\);", sheet)
    light, dark = zip(*grounds, strict=True)
    assert {*map(in_full, light)} == {*LIGHT_GROUNDS}
    assert {*map(in_full, dark)} == {*DARK_GROUNDS}


def in_full(colour: str) -> str:
    """Return #fff as #ffffff."""
    return colour if len(colour) == len("#rrggbb") else "#" + "".join(2 * digit for digit in colour[1:])


def test_colours_are_a_style_sheet_of_this_site(save: Save, look: Look, client: Client) -> None:
    assert save(accent="#1D5F8A", accent_dark="#7fc4f0") == []
    sheet = colours_of(look("/"))
    answer = client.get(sheet)
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer.content == b".peertube-page { --peertube-accent: light-dark(#1d5f8a, #7fc4f0); }\n"
    assert "immutable" in answer["Cache-Control"]
    assert "'unsafe-inline'" not in client.get("/")["Content-Security-Policy"]


def test_a_colour_of_dark_pages_is_made_of_the_other(save: Save, look: Look) -> None:
    assert save(accent="#1d5f8a") == []
    light, dark = colours_of(look("/")).removesuffix(".css").rpartition("/")[2].split("-")
    assert light == "1d5f8a"
    assert dark > light


@pytest.mark.parametrize(
    ("colours", "error"),
    [
        ({"accent": "#ffd0d0"}, "#ffd0d0 can't be read well on light pages. The nearest that can: #"),
        ({"accent": "#1d5f8a", "accent_dark": "#1d5f8a"}, "#1d5f8a can't be read well on dark pages."),
        ({"accent": "red;}*{}"}, "Write it as #rrggbb"),
        ({"accent": "#12345\n"}, "Write it as #rrggbb"),
        ({"accent": "url(x)"}, "'url(x)' is no colour."),
        ({"accent_dark": "#7fc4f0"}, "Give a colour for light pages, too"),
    ],
)
def test_a_colour_that_cannot_be_read_is_refused_with_the_way_out(
    save: Save, colours: dict[str, str], error: str
) -> None:
    (told,) = save(**colours)
    assert error in told


def test_the_nearest_colour_is_taken(save: Save) -> None:
    (told,) = save(accent="#ffd0d0")
    assert save(accent=told.rpartition(" ")[2].removesuffix(".")) == []


@pytest.mark.parametrize("address", ["/look/1-2.css", "/look/1d5f8a-7fc4f;.css", "/look/}body{-123456.css"])
def test_a_style_sheet_is_of_two_colours_alone(client: Client, db: None, address: str) -> None:
    assert client.get(address).status_code == 404


def test_what_was_written_past_the_form_styles_nothing(look: Look, full: Video) -> None:
    SiteLook.objects.create(accent="red;}")
    assert not [one for one in look("/").links("stylesheet") if "/look/" in one]


def test_menu_and_footer(save: Save, look: Look) -> None:
    links = [
        {"label": "About <us>", "address": "/about/"},
        {"label": "Write", "address": "mailto:a@harbour.example", "place": "footer"},
        {"label": "Town", "address": "https://town.example/?a=1&b=2"},
    ]
    assert save(links=links, footer_text="**Made** by [us](https://town.example/)\n<script>alert(1)</script>") == []
    shown = look("/videos/")
    (menu,) = shown.all("nav", class_="site-nav")
    assert menu.text == "Videos Channels Accounts Playlists Instances About <us> Town"
    assert {"/about/", "mailto:a@harbour.example", "https://town.example/?a=1&b=2"} <= {*shown.links()}
    assert [one.text for one in shown.all("strong")] == ["Made"]
    assert "<script>alert" not in shown.source
    assert save(page_links="") == []
    assert look("/").all("nav", class_="site-nav") == []


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "//evil.example/", "/\\evil.example"),
        *("https://", "videos", "ftp://a.example/", "https://a.example/ b", "/a\tb", "https://[", "\x01javascript:x"),
    ],
)
def test_a_link_leads_to_the_web_or_to_a_path(save: Save, address: str) -> None:
    (error,) = save(links=[{"label": "A", "address": address}])
    assert "leads nowhere" in error or "required" in error or "Null" in error
    assert not SiteLook.objects.exists()


def test_sections_are_shown_in_the_order_of_the_owner(save: Save, look: Look, full: Video) -> None:
    playlist, tag = Playlist.objects.get(display_name="Best of cooking"), full.tags.all()[0].name
    category = str(full.category_label)
    sections = [
        {"kind": "playlist", "subject": f"http://testserver/playlists/{playlist.short_uuid}/"},
        {"kind": "tag", "subject": tag, "heading": "Of the <sea>"},
        {"kind": "instances"},
        {"kind": "channel", "subject": f"https://{HOST}/c/{full.channel.name}/videos"},
        {"kind": "category", "subject": category},
        {"kind": "channels"},
        {"kind": "most_watched", "number": 3},
        {"kind": "latest", "number": 2},
    ]
    assert save(sections=sections) == []
    shown = look("/")
    expected = ["Best of cooking", "Of the <sea>", "Instances", full.channel.display_name, category, "Channels"]
    assert headings(shown) == [*expected, "Most watched", "Latest"]
    more = {f"/playlists/{playlist.short_uuid}/", f"/channels/{full.channel.handle}/", "/videos/?ordering=-views"}
    assert more <= {*shown.links()}
    assert HomeSection.objects.get(kind="playlist").subject == str(playlist.short_uuid)
    assert f"/instances/{HOST}/" in shown.links()
    (latest,) = (part for part in shown.source.split("<section")[1:] if ">Latest<" in part)
    (watched,) = (part for part in shown.source.split("<section")[1:] if ">Most watched<" in part)
    of_latest, of_watched = (part.count('"peertube-card"') for part in (latest, watched))
    assert (of_latest, of_watched) == (2, 3)


def test_a_section_takes_what_is_featured_beyond_the_hero(save: Save, look: Look, full: Video) -> None:
    Curation.objects.bulk_create([Curation(video=video, featured=True) for video in Video.objects.listed()[:9]])
    assert save(sections=[{"kind": "latest", "number": 3}, {"kind": "featured", "number": 9}]) == []
    assert len(look("/").videos()) == 12


def test_sections_show_what_lists_show(save: Save, look: Look, full: Video) -> None:
    handle = full.channel.handle
    assert save(sections=[{"kind": "channel", "subject": handle, "number": 24}]) == []
    shown = f"/videos/{full.short_uuid}/"
    assert shown in look("/").videos()
    Curation.objects.create(video=full, hidden=True)
    assert shown not in look("/").videos()
    Curation.objects.all().delete()
    Video.objects.filter(pk=full.pk).update(nsfw=True)
    with override_settings(PEERTUBE_SYNC={"NSFW_POLICY": "hide"}):
        assert shown not in look("/").videos()


def test_a_category_of_an_instance_is_shown_while_the_instance_is_here(save: Save, look: Look, full: Video) -> None:
    host = "elsewhere.example"
    Instance.objects.filter(pk=full.instance_id).update(host=host)
    assert save(sections=[{"kind": "category", "subject": f"101@{host}"}, {"kind": "latest"}]) == []
    Instance.objects.filter(pk=full.instance_id).update(host=HOST)
    assert headings(look("/")) == ["Latest"]
    Video.objects.filter(pk=full.pk).update(category_id=101, category_label="Knitting")
    for _ in range(2):
        Instance.objects.filter(pk=full.instance_id).update(host=host)
        assert headings(look("/")) == ["Knitting", "Latest"]
        Instance.objects.filter(pk=full.instance_id).update(host=HOST)
        assert headings(look("/")) == ["Latest"]


def test_a_category_of_an_instance_goes_along_when_the_instance_is_moved(save: Save, look: Look, full: Video) -> None:
    Video.objects.filter(pk=full.pk).update(category_id=101, category_label="Knitting")
    assert save(sections=[{"kind": "category", "subject": f"101@{HOST}"}]) == []
    full.instance.former_hosts.create(host=HOST)
    Instance.objects.filter(pk=full.instance_id).update(host="elsewhere.example")
    page = look("/")
    assert headings(page) == ["Knitting"]
    (more,) = {address for one in page.all("a") if "category=" in (address := one.attributes["href"])}
    for address in (more, f"/feeds/rss/?category=102%40{HOST}&category=101%40{HOST}"):
        assert f"/videos/{full.short_uuid}/" in look(address).source
    assert save(sections=[{"kind": "category", "subject": f"101@{HOST}"}]) == []
    assert HomeSection.objects.get().subject == "101@elsewhere.example"


def test_a_section_with_nothing_is_left_out(save: Save, look: Look, full: Video) -> None:
    full.tags.create(name="of one video")
    assert save(sections=[{"kind": "tag", "subject": "of one video"}, {"kind": "live"}, {"kind": "latest"}]) == []
    full.tags.clear()
    assert headings(look("/")) == ["Latest"]
    Video.objects.all().delete()
    assert headings(look("/")) == ["Latest"]
    assert "There is nothing here yet" in look("/").source


@pytest.mark.parametrize(
    ("section", "error"),
    [
        ({"kind": "channel", "subject": "nobody@video.example"}, "There is no channel 'nobody@video.example' here."),
        ({"kind": "channel", "subject": "<script>"}, "'<script>'"),
        ({"kind": "channel"}, "Say which one this section is of."),
        ({"kind": "playlist", "subject": "javascript:alert(1)"}, "There is no playlist 'javascript:alert(1)' here."),
        ({"kind": "category", "subject": "Knitting"}, "There is no category 'Knitting'. There are: Music, Films"),
        ({"kind": "category", "subject": "101@nowhere.example"}, "There is no category '101@nowhere.example'."),
        ({"kind": "tag", "subject": "' OR 1=1 --"}, 'has the tag "\' OR 1=1 --"'),
        ({"kind": "latest", "number": 10**30}, "less than or equal to 24"),
        ({"kind": "latest", "number": 0}, "greater than or equal to 1"),
        ({"kind": "latest", "position": -1}, "greater than or equal to 0"),
        ({"kind": "latest", "position": 10**9}, "less than or equal to"),
        ({"kind": "everything"}, "not one of the available choices"),
    ],
)
def test_a_section_that_makes_no_sense_is_refused_by_its_value(save: Save, section: dict[str, Any], error: str) -> None:
    (told,) = save(sections=[section])
    assert error in told


@pytest.mark.parametrize("kept_back", [{"privacy_id": 3}, {"removed_at": "2026-01-01T00:00Z"}])
def test_of_a_tag_that_only_videos_have_which_pages_dont_show_nothing_is_told(
    save: Save, full: Video, kept_back: dict[str, Any]
) -> None:
    full.tags.create(name="Secret")
    Video.objects.filter(pk=full.pk).update(**kept_back)
    (never,) = save(sections=[{"kind": "tag", "subject": "nobodys"}])
    (told,) = save(sections=[{"kind": "tag", "subject": "secret"}])
    assert told == never.replace("nobodys", "secret")


class Replica:
    """Sends all that reads to another database, as a site does that has a copy for readers."""

    def db_for_read(self, model: Any, **_hints: Any) -> str:
        return "copy"

    def db_for_write(self, model: Any, **_hints: Any) -> str:
        return "default"


@override_settings(DATABASE_ROUTERS=["tests.site.test_look.Replica"])
def test_what_pages_tell_is_written_of_the_database_that_was_written_to(db: None) -> None:
    look = SiteLook.objects.create(name="Telly")
    SiteLink.objects.create(look=look, place="menu", label="Shop", address="/shop/")
    HomeSection.objects.create(look=look, kind="latest")
    snapshot = SiteLook.objects.using("default").values_list("snapshot", flat=True).get()
    assert "Telly" in snapshot
    assert "/shop/" in snapshot
    assert "latest" in snapshot


def test_categories_are_named_in_the_language_of_the_owner(save: Save, settings: Any) -> None:
    settings.LANGUAGE_CODE = "de"
    assert save(sections=[{"kind": "category", "subject": "musik"}]) == []
    assert HomeSection.objects.get().subject == str(next(key for key in CATEGORY_NAMES))


def test_rows_are_as_wide_as_their_videos_fill(save: Save, look: Look) -> None:
    for number, expected in ((12, (4, 3)), (6, (3, 3)), (8, (4, 2)), (5, (4, 2)), (3, (3, 3)), (2, (2, 2))):
        assert save(sections=[{"kind": "latest", "number": number}]) == []
        wide, middle = expected
        assert look("/").all("div", class_=f"site-filled site-wide-{wide} site-middle-{middle}"), number


def test_more_sections_than_a_page_bears_are_refused(save: Save) -> None:
    save(sections=[{"kind": "latest"}] * 13)
    assert HomeSection.objects.count() == 0


def test_who_may_only_look_is_led_to_the_look_once_there_is_one(staff: StaffClient, save: Save) -> None:
    visitor, address = staff("view_sitelook"), listing("sitelook")
    assert address not in visitor.get("/admin/").content.decode()
    assert save(name="Kitchen TV") == []
    assert address in visitor.get("/admin/").content.decode()
    assert "Kitchen TV" in visitor.get(address, follow=True).content.decode()


def test_however_many_sections_a_form_says_that_it_has_few_are_read(admin_client: Client) -> None:
    sent = {**LOOK, **rows("links", [], 0), "sections-TOTAL_FORMS": 99_999, "sections-INITIAL_FORMS": 0}
    told = admin_client.post(adding("sitelook"), sent).content.decode()
    assert told.count('<tr class="form-row') <= 3 * 12
    assert "at most 12" in told


@pytest.fixture
def below_a_path(settings: Any) -> None:
    settings.ROOT_URLCONF = Prefixed


def test_below_a_path_too(below_a_path: None, save: Save, look: Look, client: Client) -> None:
    assert save(accent="#1d5f8a", new_logo=picture(64, 64), sections=[{"kind": "channels"}]) == []
    shown = look("/some/prefix/")
    (logo,) = shown.all("img", class_="site-logo")
    for address in (logo.attributes["src"], colours_of(shown), *shown.links("icon")):
        assert address.startswith("/some/prefix/look/")
        assert client.get(address).status_code == 200
    assert "/some/prefix/channels/" in shown.links()


def test_the_list_of_the_admin_leads_to_the_one_page(save: Save, admin_client: Client) -> None:
    assert admin_client.get(listing("sitelook"))["Location"] == adding("sitelook")
    assert save(name="A") == []
    there = page(SiteLook.objects.get())
    assert admin_client.get(listing("sitelook"))["Location"] == there
    assert admin_client.get(adding("sitelook"))["Location"] == there
    assert admin_client.post(adding("sitelook"), LOOK).status_code == 403
    assert admin_client.get(there).status_code == 200


def test_who_may_not_change_the_look_does_not(save: Save, full: Video) -> None:
    assert save(name="A") == []
    viewer = User.objects.create(username="viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_sitelook"))
    client = Client()
    client.force_login(viewer)
    there = page(SiteLook.objects.get())
    assert client.get(there).status_code == 200
    assert (
        client.post(there, {**LOOK, "name": "B", **rows("sections", [], 0), **rows("links", [], 0)}).status_code == 403
    )
    assert SiteLook.objects.get().name == "A"

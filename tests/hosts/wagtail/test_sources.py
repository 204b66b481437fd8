"""The page of sources in Wagtail's menu."""

from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.test import Client

from peertube_sync.models import Source, Video


def test_editors_see_which_sources_there_are_and_how_they_are(full: Video, editor: Client) -> None:
    home = editor.get("/admin/").content.decode()
    assert "/admin/peertube/" in home
    html = editor.get("/admin/peertube/").content.decode()
    source = Source.objects.get()
    assert str(source) in html
    assert "/django-admin/peertube_sync/source/add/" in html


def test_trouble_is_told(full: Video, editor: Client) -> None:
    Source.objects.update(state="suspicious", last_error="half of the list is gone")
    html = editor.get("/admin/peertube/").content.decode()
    assert html.count("half of the list is gone") == 2


def test_an_empty_one_says_how_to_begin(editor: Client) -> None:
    assert "Nothing is mirrored yet" in editor.get("/admin/peertube/").content.decode()


def test_who_may_not_see_sources_sees_none(full: Video, client: Client) -> None:
    user = User.objects.create_user("writer", password="secret")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(user)
    assert "/admin/peertube/" not in client.get("/admin/").content.decode()
    assert client.get("/admin/peertube/").status_code in {302, 403}


def test_wagtail_notes_no_references_between_rows_of_the_catalogue(full: Video) -> None:
    from wagtail.models import ReferenceIndex

    assert not [
        model for model in apps.get_app_config("peertube_sync").get_models() if ReferenceIndex.model_is_indexable(model)
    ]

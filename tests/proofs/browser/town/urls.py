"""The addresses of project/, and the page of the host."""

from typing import Any

from django.urls import path
from django.views.generic import TemplateView

from project.urls import urlpatterns as of_the_project
from tests.proofs.browser.site import BEST


class Town(TemplateView):
    """A page with a video that somebody chose, and the newest ones."""

    template_name = "town.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        from peertube_sync.models import Video

        return super().get_context_data(**kwargs) | {"chosen": Video.objects.listed().get(name=BEST)}


urlpatterns = [path("town/", Town.as_view()), *of_the_project]

"""The addresses of pictures; include them wherever the host has room, `pictures/` say."""

from django.urls import path

from peertube_sync.pictures.addresses import NAMESPACE
from peertube_sync.pictures.views import picture

app_name = NAMESPACE

urlpatterns = [path("<of>/<pk>/<version>/<size>", picture, name="picture")]

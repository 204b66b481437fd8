from django.apps import AppConfig


class TownConfig(AppConfig):
    name = "tests.hosts.wagtail"
    label = "town"

"""Tells by how many bytes a process grows at its peak while it makes each of the hostile pictures: a line for each."""

import os
import resource
import sys
from contextlib import suppress

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DEBUG", "1")
django.setup()

from peertube_sync.ingest.pictures.keeping import Unfit  # noqa: E402 - Django has to be set up before
from peertube_sync.ingest.pictures.making import make  # noqa: E402
from peertube_sync.models.picture_shapes import SHAPES  # noqa: E402
from tests.pictures import hostile  # noqa: E402


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    large = (2560, 1920)
    samples = {
        **{what: make_body() for what, make_body in hostile.REFUSED.items()},
        **dict(hostile.harmless()),
        "a large JPEG": hostile.drawn("JPEG", large, quality=50),
        "a large JPEG in several passes": hostile.drawn("JPEG", large, quality=50, progressive=True),
        "a large WebP": hostile.drawn("WEBP", large, quality=20),
    }
    make(hostile.drawn("JPEG"), SHAPES["video"])  # what Pillow needs anyway
    for what, body in samples.items():
        if os.fork() == 0:
            before = peak()
            with suppress(Unfit):
                make(body, SHAPES["video"])
            sys.stdout.write(f"{peak() - before}\t{what}\n")
            sys.stdout.flush()
            os._exit(0)
        os.wait()


if __name__ == "__main__":
    main()

"""A process that does nothing but fetch pictures and throw some away again, until it is killed."""

import sys
from random import Random

import django

django.setup()

from django.utils import timezone  # noqa: E402 - behind setup()

from peertube_sync.conf import get_settings  # noqa: E402
from peertube_sync.ingest.pictures.keeping import drop, settle_stale  # noqa: E402
from peertube_sync.models import HostBudget, Instance, Picture  # noqa: E402
from peertube_sync.sync.operations.pictures import fetch_missing  # noqa: E402


def main() -> None:
    """Have some pictures made anew each time, and some taken away with their marks."""
    random = Random(sys.argv[1])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        HostBudget.objects.all().delete()
        Picture.objects.update(claimed_until=timezone.now())
        # A kill counts as a try, after which a picture rests for minutes.
        Picture.objects.exclude(due_at=None).update(due_at=timezone.now(), tries=0)
        fetch_missing(list(Instance.objects.all()), get_settings())
        kept = list(Picture.objects.exclude(file=""))
        for picture in random.sample(kept, len(kept) // 2):
            drop(picture, due=True)
        gone = [picture.pk for picture in random.sample(kept, len(kept) // 4)]
        Picture.objects.filter(pk__in=gone).update(stale=True, version="")
        settle_stale()


if __name__ == "__main__":
    main()

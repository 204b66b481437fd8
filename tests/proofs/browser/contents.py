"""What a site may have to show: everything, nothing yet, texts as long as may be, and attacks."""

from collections.abc import Callable, Mapping

from peertube_sync.testing import Catalogue
from peertube_sync.testing.instance import document
from peertube_sync.testing.records import Account, Channel
from peertube_sync.testing.versions import Version
from tests.proofs.browser.hostile import hostile_catalogue
from tests.proofs.browser.site import peaceful_catalogue

NAME, TAG = 120, 30
"""The most characters that PeerTube lets a title or a tag have."""
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
NAMES = (
    WORD,
    "Everything that we have ever wanted to know about the tides of the northern coast, told by those who live there ",
    "كل ما أردنا معرفته عن المد والجزر على الساحل الشمالي كما يرويه أهل البلدة الذين عاشوا هناك ",
    "北の海岸の潮の満ち引きについて私たちが知りたかったことのすべてをそこに暮らす人々が語る長い長い物語 ",
    "🌊🐚🦀 ",
    "\u202e" + "".join(letter + "\u0301\u0316\u0360\u0348\u035b\u0329\u0307\u0323" for letter in "Tides ") + "\u2066",
)
"""Words without an end, of both directions, with wide letters, of pictures, and turned round with towers of accents."""
LETTERS = "lighthouse_keepers_of_the_far_north_and_their_cats"
"""A handle as long as PeerTube lets one be."""
ADDRESS = f"https://example.org/{'a-path-without-an-end/' * 12}"
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "ja", "zh-Hans", "ar", "sv", "fi")


def _fill(text: str, length: int) -> str:
    return (text * (length // len(text) + 1))[:length]


def long_catalogue() -> Catalogue:
    """Return a catalogue whose texts, lists and numbers are as long as PeerTube lets them be."""
    catalogue = Catalogue()
    catalogue.name = _fill(NAMES[1], 200)
    texts = "\n\n".join(
        [*(_fill(one, 1_000) for one in NAMES), ADDRESS, "| a | table |\n| --- | --- |\n", f"`{WORD * 3}`"]
    )
    for number, name in enumerate(NAMES):
        facts = {"created": 1, "updated": 1, "followers": 12_345_678, "description": texts}
        shown = _fill(name, NAME)
        account = Account(catalogue.next_id(), f"{number}{LETTERS}"[:50], shown, user_id=number + 1, **facts)
        catalogue.put_account(account)
        channel = Channel(catalogue.next_id(), f"c{number}{LETTERS}"[:50], shown, owner=account, support=texts, **facts)
        catalogue.put_channel(channel)
        uuids = [_add_long_video(catalogue, channel.name, shown, texts) for _time in range(8)]
        catalogue.add_playlist(uuids, channel.name, name=shown, description=texts[:1_000])
    about = document(catalogue, "config/about", "", Version())
    about["instance"] = {key: texts if isinstance(one, str) else one for key, one in about["instance"].items()}
    about["instance"]["name"] = catalogue.name
    config = document(catalogue, "config", "", Version())
    config["instance"]["shortDescription"] = _fill(NAMES[1], 250)
    catalogue.documents = {"config/about": about, "config": config}
    return catalogue


def _add_long_video(catalogue: Catalogue, channel: str, name: str, text: str) -> str:
    uuid = catalogue.add_video(
        channel, name=name, description=text, support=text, duration=360_000, views=1_234_567_890, likes=98_765_432,
        category=7, licence=5, language="zh-Hans", nsfw_summary=None,
    )  # fmt: skip
    catalogue.set_tags(uuid, [_fill(one, TAG) for one in NAMES[:5]])
    catalogue.set_captions(uuid, LANGUAGES)
    catalogue.set_chapters(uuid, [(3_600 * number, _fill(NAMES[number % len(NAMES)], 100)) for number in range(40)])
    return uuid


CONTENTS: Mapping[str, Callable[[], Catalogue]] = {
    "full": peaceful_catalogue,
    "empty": Catalogue,
    "long": long_catalogue,
    "hostile": hostile_catalogue,
}

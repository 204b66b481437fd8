"""What is said in a video, by its caption files as they were read: a part at a time, or the lines with words."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from peertube_sync.client.sanitise import one_line
from peertube_sync.models import Caption, Transcript
from peertube_sync.models.words import Query, Term

PART = 200
"""Lines of a part: about a quarter of an hour of speech."""


@dataclass(frozen=True)
class Line:
    """What is said from the second `start` on."""

    start: int
    text: str


@dataclass(frozen=True)
class TranscriptPart:
    """The lines of one part; the one after it begins at the second `until`, None for the last one."""

    lines: list[Line]
    number: int
    last: int
    until: int | None

    @property
    def since(self) -> int:
        """The second from which on this part tells what is said: the first one from the beginning."""
        return self.lines[0].start if self.number > 1 else 0


@dataclass(frozen=True)
class Transcribed:
    """All that is said in a video in one language. There is at least one line."""

    starts: list[int]
    texts: list[str]
    folded: list[str]

    @property
    def last(self) -> int:
        """The number of the last part; the first one is 1."""
        return (len(self.texts) - 1) // PART + 1

    def part(self, number: int) -> TranscriptPart:
        """Return the part with a number; the nearest one where there is none."""
        number = min(max(number, 1), self.last)
        end = number * PART
        until = self.starts[end] if number < self.last else None
        return TranscriptPart([*self._lines(range(end - PART, min(end, len(self.texts))))], number, self.last, until)

    def part_at(self, second: int) -> TranscriptPart:
        """Return the part with the line that is said at a second."""
        return self.part((bisect_right(self.starts, second) - 1) // PART + 1)

    def lines_with(self, query: Query) -> list[Line]:
        """Return the lines in which is what `query` wants, all of it in one of them."""
        alternatives = {(_needles(alternative.wanted), _needles(alternative.unwanted)) for alternative in query}

        def has(line: str, needles: tuple[str, ...]) -> bool:
            return any(needle in line for needle in needles)

        def fits(line: str) -> bool:
            return any(
                all(has(line, term) for term in wanted) and not any(has(line, term) for term in unwanted)
                for wanted, unwanted in alternatives
            )

        return [*self._lines(number for number, line in enumerate(self.folded) if fits(f" {line} "))]

    def _lines(self, numbers: Iterator[int] | range) -> Iterator[Line]:
        return (Line(self.starts[number], one_line(self.texts[number])) for number in numbers)


def _needles(terms: Sequence[Term]) -> tuple[tuple[str, ...], ...]:
    """Return for each term, once, what a folded line has in it where that is said: between spaces."""
    spelt = (tuple(f" {' '.join(way.words)}{'' if way.prefix else ' '}" for way in term.all) for term in terms)
    return tuple(dict.fromkeys(spelt))


def captions_with_transcripts() -> QuerySet[Caption]:
    """Return captions, of which `is_transcribed` tells whether their lines are here."""
    lines = Transcript.objects.filter(caption=OuterRef("pk")).exclude(text="")
    return Caption.objects.annotate(is_transcribed=Exists(lines))


def read_transcript(caption: Caption) -> Transcribed:
    """Return the lines of a caption that is transcribed. Raises Transcript.DoesNotExist."""
    row = Transcript.objects.exclude(text="").get(caption=caption)
    return Transcribed(row.starts, row.text.split("\n"), row.folded.split("\n"))

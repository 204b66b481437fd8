"""What is measured, in the text format of Prometheus. Needs the extra `metrics`."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from peertube_sync.api.measures import KINDS, OTHER, PROVEN, Figures, Measures
from peertube_sync.durations import durations
from peertube_sync.models import Cause, FollowState, InstanceState, Measure, PictureState, RunKind, SourceState

Samples = Iterable[tuple[Sequence[str], float]]
Told = Callable[[Figures], Samples]
"""Returns the samples of some figures: values of labels, and a number."""

PREFIX = "peertube_sync"
NOTE = f"Instances without a place of their own are {OTHER!r} together"


def _gauge(value: Callable[[Figures], float | None]) -> Told:
    """Return what tells a single number, or nothing where that isn't known."""
    return lambda figures: [((), number)] if (number := value(figures)) is not None else []


GAUGES: tuple[tuple[str, str, tuple[str, ...], Told], ...] = (
    ("videos", "Videos here that their instances list.", (), _gauge(lambda figures: figures.videos)),
    ("wanted_videos", "Videos that the sources have and their rules want.", (), _gauge(lambda figures: figures.wanted)),
    ("unread_videos", "Videos of them that could not be read.", (), _gauge(lambda figures: figures.unread)),
    ("coverage_ratio", "The share of wanted videos that is here.", (), _gauge(lambda figures: figures.coverage)),
    (
        "lag_seconds",
        "Since the last good look at the source that waits longest.",
        (),
        _gauge(lambda figures: figures.lag),
    ),
    ("overdue_seconds", "For how long the oldest due work has waited.", (), _gauge(lambda figures: figures.overdue)),
    ("failing_seconds", "For how long no contact was good; the longest.", (), _gauge(lambda figures: figures.failing)),
    (
        "due",
        "What is due now, by kind.",
        ("kind",),
        lambda figures: [((kind,), figures.due[kind]) for kind in KINDS],
    ),
    (
        "state",
        "Instances, by what the last contact came to.",
        ("state",),
        lambda figures: [((state,), number) for state in InstanceState.values if (number := figures.states[state])],
    ),
)
"""By the end of its name: what it tells, its labels, and how; for all instances together, and for each."""

ALL = {"state": "instances"}
"""What is called otherwise when it is told of all."""

COUNTERS: tuple[tuple[Measure, str, tuple[str, ...]], ...] = (
    (Measure.REQUESTS, "Requests that syncs and audits sent.", ()),
    (Measure.RATE_LIMITED, "Answers that told them to slow down (429).", ()),
    (Measure.WAITED_SECONDS, "Seconds that they waited for their turn in the rate budget.", ()),
    (Measure.FAILURES, "Pieces of work that a failure ended, by the state that it left.", ("state",)),
    (Measure.RUNS, "Runs that came to their end, by kind and state.", ("kind", "state")),
    (Measure.RINGS, "Rings that became rows, by the seconds that this took at the most.", ("within",)),
)
"""Counters: the sum, what it tells, its labels. They have no `other`, as a sum over a changing set would fall."""


def exposition(measures: Measures, accept: str) -> tuple[bytes, str]:
    """Return the body of an answer, and its type, by what the asker accepts: Prometheus' text, or OpenMetrics."""
    registry = CollectorRegistry()
    registry.register(_Collected([*_families(measures), *durations()]))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Collected(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self.families = families

    def collect(self) -> Iterable[Metric]:
        return self.families


def _families(measures: Measures) -> Iterator[Metric]:
    each = [(figures.host, figures) for figures in (*measures.named, measures.rest)]
    whole: Metric
    apart: Metric
    for name, help_text, labels, samples_of in GAUGES:
        whole = GaugeMetricFamily(f"{PREFIX}_{ALL.get(name, name)}", help_text, labels=labels)
        apart = GaugeMetricFamily(f"{PREFIX}_instance_{name}", f"{help_text} {NOTE}.", labels=("instance", *labels))
        yield _with_samples(whole, samples_of(measures.total))
        yield _with_samples(
            apart, (((host, *values), number) for host, one in each for values, number in samples_of(one))
        )
    for measure, help_text, labels in COUNTERS:
        whole = CounterMetricFamily(f"{PREFIX}_{measure}", help_text, labels=labels)
        apart = CounterMetricFamily(f"{PREFIX}_instance_{measure}", help_text, labels=("instance", *labels))
        yield _with_samples(whole, _summed(measures.total, measure))
        named = ((figures.host, _summed(figures, measure)) for figures in measures.named)
        yield _with_samples(apart, (((host, *values), number) for host, summed in named for values, number in summed))
    yield from _queues(measures)


def _queues(measures: Measures) -> Iterator[Metric]:
    by_state = [((state,), float(measures.sources.get(state, 0))) for state in SourceState.values]
    running = [((kind,), float(measures.open_runs.get(kind, 0))) for kind in RunKind.values]
    pictures = [((state,), float(measures.pictures.get(state, 0))) for state in PictureState.values]
    bells = [((state,), float(measures.bells.get(state, 0))) for state in (*FollowState.values, PROVEN)]
    causes = [((cause,), float(measures.problems[cause])) for cause in Cause.values]
    for name, help_text, labels, samples in (
        ("sources", "Sources, by state.", ("state",), by_state),
        ("open_runs", "Runs that aren't at their end, by kind.", ("kind",), running),
        ("search_queue", "Changes that the search waits for.", (), [((), measures.search_queue)]),
        ("skipped_items", "Items that could not be read.", (), [((), measures.skipped_items)]),
        ("pictures", "Pictures of rows, by what became of them.", ("state",), pictures),
        ("picture_bytes", "Bytes of the pictures that are here.", (), [((), float(measures.picture_bytes))]),
        ("bells", "Follows of sources, by state.", ("state",), bells),
        ("rings_waiting", "What rang and isn't answered yet.", (), [((), measures.rings_waiting)]),
        ("problems", "What a person has to look at, by cause.", ("cause",), causes),
    ):
        yield _with_samples(GaugeMetricFamily(f"{PREFIX}_{name}", help_text, labels=labels), samples)


def _summed(figures: Figures, measure: Measure) -> Samples:
    """Return the sums of `measure`; 0 where there is none yet and no label to tell it by."""
    summed = [(tuple(label.split()), number) for (of, label), number in sorted(figures.sums.items()) if of == measure]
    labelled = measure in {Measure.FAILURES, Measure.RUNS, Measure.RINGS}
    return summed if summed or labelled else [((), 0.0)]


def _with_samples(family: Metric, samples: Samples) -> Metric:
    for values, number in samples:
        family.add_metric(values, number)  # type: ignore[attr-defined]  # of both kinds of families here
    return family

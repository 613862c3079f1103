"""The figures as Prometheus families. A `process` label is of the process that answers, all else of the whole house."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from app.db.gauges import Gauges
from app.db.tallies import Name, Sum
from app.domain.prediction import Stage
from app.domain.stage_times import BUCKETS
from app.web.traffic import BOUNDS, Traffic

VERDICTS = ("applied", "duplicate", "orphan", "deleted", "unreadable", "set_aside")


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """A collector. What is lost is told of every one of `providers`, from zero on: of a series that begins with one,
    Prometheus sees no increase. `free_bytes` is of the disk that outputs come to, None where it cannot be read."""

    gauges: Gauges
    traffic: Traffic
    providers: Sequence[str]
    daily_budget: Decimal | None
    free_bytes: int | None
    reserve_bytes: int

    def collect(self) -> Iterator[Metric]:
        yield from self._work()
        yield from self._lives()
        yield from self._deliveries()
        yield from self._money()
        yield from self._requests()
        yield from self._disk()

    def _work(self) -> Iterator[Metric]:
        found = self.gauges
        stages = [(stage.value,) for stage in Stage]
        unfinished = {stage: float(found.unfinished.get(stage[0], 0)) for stage in stages}
        yield _gauge("predictions_unfinished", "Predictions that owe work.", ["stage"], unfinished)
        late = found.overdue.total_seconds()
        yield _gauge("work_overdue_seconds", "How late the most overdue work is: the age of the queue.", [], {(): late})
        yield _gauge("deliveries_pending", "Of an unknown prediction.", [], {(): found.deliveries_pending})
        yield _gauge("client_webhooks_pending", "Client webhooks still owed.", [], {(): found.notices_pending})
        silent = found.worker_silent
        seconds = silent.total_seconds() if silent is not None else float("inf")
        yield _gauge("worker_silent_seconds", "Since any worker's last sign of life.", [], {(): seconds})

    def _lives(self) -> Iterator[Metric]:
        ends = ["provider", "model", "end", "code"]
        lives = CounterMetricFamily("darkroom_predictions", "Created, succeeded, failed, canceled.", labels=ends)
        for labels, series in self._series("predictions"):
            lives.add_metric(labels, series.count)
        yield lives
        family = HistogramMetricFamily("darkroom_stage_seconds", "Of ended ones.", labels=["provider", "stage"])
        for labels, series in self._series("stage_seconds"):
            counts = [series.buckets.get(bound, 0) for bound in (*BUCKETS, float("inf"))]
            family.add_metric(labels, _cumulated(BUCKETS, counts), sum_value=series.total)
        yield family
        yield self._by_provider("outputs_lost", "Paid for and not to be had in time.")
        urgent = "Stored with less than a quarter of the provider's time left."
        yield self._by_provider("outputs_urgent", urgent)

    def _deliveries(self) -> Iterator[Metric]:
        told = "By verdict; an early one is an orphan, and once its prediction is known applied."
        family = CounterMetricFamily("darkroom_deliveries", told, labels=["verdict", "process"])
        known = {labels[0]: series.count for labels, series in self._series("deliveries")}
        for verdict in VERDICTS:
            family.add_metric([verdict, ""], known.get(verdict, 0))
        family.add_metric(["forged", self.traffic.process], self.traffic.forged_deliveries)
        yield family

    def _money(self) -> Iterator[Metric]:
        today = {(what,): float(amount) for what, amount in self.gauges.money.items()}
        yield _gauge("usd_today", "USD of predictions of today.", ["what"], today)
        captured = CounterMetricFamily("darkroom_usd_captured", "USD billed.", labels=["provider", "model"])
        for labels, series in self._series("usd_captured"):
            captured.add_metric(labels, series.total)
        yield captured
        if self.daily_budget is not None:
            yield _gauge("daily_budget_usd", "DAILY_BUDGET.", [], {(): float(self.daily_budget)})
        names = sorted({each.provider for each in self.gauges.drift})
        drift = {(name,): float(sum(_drift(self.gauges, name))) for name in names}
        told = "USD that the provider's books of today and yesterday differ from ours by."
        yield _gauge("drift_usd", told, ["provider"], drift)

    def _requests(self) -> Iterator[Metric]:
        process, labels = self.traffic.process, ["route", "method"]
        requests = CounterMetricFamily("darkroom_requests", "Answered.", labels=[*labels, "status", "process"])
        for (route, method, status), count in self.traffic.requests.items():
            requests.add_metric([route, method, str(status), process], count)
        yield requests
        told = "Until the answer began."
        family = HistogramMetricFamily("darkroom_request_seconds", told, labels=[*labels, "process"])
        for (route, method), found in self.traffic.latencies.items():
            family.add_metric([route, method, process], _cumulated(BOUNDS, found.counts), sum_value=found.seconds)
        yield family

    def _disk(self) -> Iterator[Metric]:
        if self.free_bytes is not None:
            free = {(self.traffic.process,): float(self.free_bytes)}
            yield _gauge("blobs_free_bytes", "Free where the local blob folder is.", ["process"], free)
        reserve = {(): float(self.reserve_bytes)}
        yield _gauge("blobs_reserve_bytes", "DISK_RESERVE_MB: with less, creates are refused.", [], reserve)

    def _series(self, name: Name) -> Iterator[tuple[Sequence[str], Sum]]:
        return ((labels, series) for (own, labels), series in sorted(self.gauges.tallies.items()) if own == name)

    def _by_provider(self, name: Name, told: str) -> CounterMetricFamily:
        family = CounterMetricFamily(f"darkroom_{name}", told, labels=["provider"])
        known = {labels[0]: series.count for labels, series in self._series(name)}
        for provider in sorted({*self.providers, *known}):
            family.add_metric([provider], known.get(provider, 0))
        return family


def _gauge(name: str, told: str, labels: Sequence[str], values: Mapping[Any, float]) -> GaugeMetricFamily:
    """`values` are by the labels' values."""
    family = GaugeMetricFamily(f"darkroom_{name}", told, labels=labels)
    for each, value in values.items():
        family.add_metric(each, value)
    return family


def _cumulated(bounds: Sequence[float], counts: Sequence[int]) -> list[tuple[str, float]]:
    names = [*map(str, bounds), "+Inf"]
    return list(zip(names, map(float, accumulate(counts)), strict=True))


def _drift(gauges: Gauges, provider: str) -> Iterator[Decimal]:
    return (each.difference for each in gauges.drift if each.provider == provider)

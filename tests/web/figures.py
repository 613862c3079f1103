"""Reading `/metrics` as Prometheus does."""

from prometheus_client.parser import text_string_to_metric_families

from tests.house import House

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Page:
    def __init__(self, text: str) -> None:
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self._samples: Samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    @property
    def names(self) -> set[str]:
        """As queries name them."""
        return {name for name, _ in self._samples}

    def sum(self, name: str, **labels: str) -> float:
        """Over all series that have these labels."""
        wanted = set(labels.items())
        return sum(value for (own, given), value in self._samples.items() if own == name and wanted <= given)


async def read_figures(house: House) -> Page:
    answer = await house.client.get("/metrics")
    assert answer.status_code == 200
    return Page(answer.text)

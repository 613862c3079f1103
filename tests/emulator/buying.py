"""A customer's view of the emulator, in a few words."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.emulator.process import RunningEmulator
from tests.emulator.waiting import until

FINAL = {"succeeded", "failed", "cancelled", "canceled"}


@dataclass(frozen=True)
class Shop:
    emulator: RunningEmulator
    client: httpx.AsyncClient

    async def faults(self, **wishes: Any) -> None:
        assert (await self.client.post("/_faults", json=wishes)).status_code == 200

    async def dialect(self, **wishes: Any) -> None:
        assert (await self.client.post("/_dialect", json=wishes)).status_code == 200

    async def order(self, model: str = "truefusion-pro", **body: Any) -> httpx.Response:
        prompt = {"lyrics": "la la"} if model.startswith("beat") else {"prompt": "a red fox"}
        wanted = {"model": model, "input": prompt | body.pop("input", {})} | body
        return await self.client.post("/v1/predictions", json=wanted)

    async def buy(self, model: str = "truefusion-pro", **body: Any) -> Any:
        return (await self.order(model, **body)).raise_for_status().json()

    async def get(self, id_: str) -> Any:
        return (await self.client.get(f"/v1/predictions/{id_}")).json()

    async def finished(self, model: str = "truefusion-pro", **body: Any) -> Any:
        return await self.end((await self.buy(model, **body))["id"])

    async def end(self, id_: str) -> Any:
        await until(lambda: self._is_final(id_))
        return await self.get(id_)

    async def ledger(self) -> Any:
        return (await self.client.get("/_ledger")).json()

    async def sent(self, what: str = "genuine") -> list[Any]:
        return [one for one in (await self.client.get("/_deliveries")).json() if one["what"] == what]

    async def _is_final(self, id_: str) -> bool:
        return any(row["id"] == id_ and row["status"] in FINAL for row in await self.ledger())

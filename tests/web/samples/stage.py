"""What the samples speak of: the examples' ids, files and keys, and what takes their place in a house."""

from dataclasses import dataclass
from typing import Any

from app.domain.caller import Scope
from app.web.parameters import BATCH, DELIVERY, ENDPOINT, EVENT, ID, KEY, UPLOAD
from tests.house import House, eventually_async
from tests.storage.pictures import encoded, picture
from tests.web.steps import key_for

FOX, MASK = encoded("PNG", picture((320, 200))), encoded("PNG", picture((320, 200), "L"))
ORDER = {"model": "truefusion-pro", "input": {"prompt": "a red fox", "seed": 7}}


@dataclass(frozen=True)
class Stage:
    """Everything there once, for samples that may share it; what they end is made for each."""

    house: House
    key: str
    shared: dict[str, str]

    async def of(self, operation: str) -> dict[str, str]:
        """By what an example says, what stands for it here. For one run of one sample."""
        own = {
            "cancelPrediction": self._unfinished,
            "deletePrediction": self._finished,
            "deleteUpload": self._uploaded,
            "deleteWebhookEndpoint": self._registered,
        }.get(operation)
        return self.shared | (await own() if own else {})

    async def _unfinished(self) -> dict[str, str]:
        await self.house.dialect(duration=600)
        made = await created(self.house, self.key)
        await eventually_async(lambda: self._is_ordered(made["id"]))
        await self.house.dialect(duration=0.05)
        return {ID["example"]: made["id"]}

    async def _is_ordered(self, prediction_id: str) -> bool:
        """So that the emulator has taken it at the pace that it then had."""
        now = await told(self.house, self.key, f"/api/predictions/{prediction_id}")
        return now["stage"] in ("waiting", "running")

    async def _finished(self) -> dict[str, str]:
        return {ID["example"]: (await created(self.house, self.key, wait=True))["id"]}

    async def _uploaded(self) -> dict[str, str]:
        return {UPLOAD["example"]: await uploaded(self.house, self.key, FOX)}

    async def _registered(self) -> dict[str, str]:
        return {ENDPOINT["example"]: await registered(self.house, self.key)}


async def set_stage(house: House) -> Stage:
    key = await key_for(house, scopes=frozenset(Scope))
    finished, endpoint = await created(house, key, wait=True), await registered(house, key)
    return Stage(
        house,
        key,
        {
            ID["example"]: finished["id"],
            BATCH["example"]: (await sent(house, key, "/api/batches", {"predictions": [ORDER]}))["id"],
            DELIVERY["example"]: await delivered(house, key, finished["id"]),
            KEY["example"]: finished["output"][0].rpartition("/")[2],
            UPLOAD["example"]: await uploaded(house, key, FOX),
            ENDPOINT["example"]: endpoint,
            EVENT["example"]: (await sent(house, key, f"/api/webhook-endpoints/{endpoint}/test"))["id"],
            "https://pictures.example/fox.png": await uploaded(house, key, FOX),
            "https://pictures.example/mask.png": await uploaded(house, key, MASK),
            "dk_…": key,
        },
    )


async def created(house: House, key: str, *, wait: bool = False) -> dict[str, Any]:
    made = await sent(house, key, "/api/predictions", ORDER, **({"prefer": "wait=60"} if wait else {}))
    assert not wait or made["status"] == "succeeded", made
    return made


async def registered(house: House, key: str) -> str:
    return str((await sent(house, key, "/api/webhook-endpoints", {"url": "https://pictures.example/hooks"}))["id"])


async def sent(house: House, key: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    answer = await house.client.post(path, json=body, headers={"x-api-key": key} | headers)
    assert answer.is_success, answer.text
    return dict(answer.json())


async def uploaded(house: House, key: str, content: bytes) -> str:
    files = {"file": ("fox.png", content)}
    return str((await house.client.post("/api/files", files=files, headers={"x-api-key": key})).json()["id"])


async def delivered(house: House, key: str, prediction_id: str) -> str:
    """The id of a delivery that told of it."""
    found = await told(house, key, "/api/deliveries?limit=100")
    return next(str(each["id"]) for each in found["data"] if each["prediction_id"] == prediction_id)


async def told(house: House, key: str, path: str) -> dict[str, Any]:
    answer = await house.client.get(path, headers={"x-api-key": key})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())

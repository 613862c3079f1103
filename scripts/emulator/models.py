"""The catalogue. Slugs, fields and bounds as the sources show them; prices without a source are invented."""

from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

RATIOS = ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9"]
PROMPT: Schema = {"type": "string", "minLength": 1, "maxLength": 10_000}
RATIO: Schema = {"type": "string", "enum": RATIOS, "default": "1:1"}
COUNT: Schema = {"type": "integer", "minimum": 1, "maximum": 4, "default": 1}
SIDE: Schema = {"type": "integer", "minimum": 256, "maximum": 2048, "default": 1024}
TEXT: Schema = {"type": "string", "maxLength": 10_000}
URI: Schema = {"type": "string", "format": "uri"}
SEED: Schema = {"type": "integer", "minimum": 0}

SIMPLE: dict[str, Schema] = {"prompt": PROMPT, "aspect_ratio": RATIO, "number_of_images": COUNT}
FULL: dict[str, Schema] = {
    "prompt": PROMPT,
    "width": SIDE,
    "height": SIDE,
    "aspect_ratio": RATIO,
    "num_outputs": COUNT,
    "num_inference_steps": {"type": "integer", "minimum": 1, "maximum": 100, "default": 30},
    "guidance": {"type": "number", "minimum": 0, "maximum": 20, "default": 3.0},
    "negative_prompt": TEXT,
    "seed": SEED,
}
FROM_PICTURES: dict[str, Schema] = {
    "image": URI,
    "mask": URI,
    "strength": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.8},
}
CLIP: dict[str, Schema] = {
    "prompt": PROMPT,
    "duration_seconds": {"type": "integer", "minimum": 3, "maximum": 30, "default": 5},
    "aspect_ratio": {"type": "string", "enum": ["16:9", "9:16", "1:1", "4:3"], "default": "16:9"},
    "fps": {"type": "integer", "enum": [24, 30], "default": 24},
    "negative_prompt": TEXT,
}
TUNE: dict[str, Schema] = {
    "lyrics": {"type": "string", "minLength": 1, "maxLength": 3_500},
    "prompt": {"type": "string", "maxLength": 2_000},
    "sample_rate": {"type": "integer", "enum": [16_000, 24_000, 32_000, 44_100], "default": 44_100},
    "bitrate": {"type": "integer", "enum": [32_000, 64_000, 128_000, 256_000], "default": 256_000},
    "audio_format": {"type": "string", "enum": ["mp3", "wav", "pcm"], "default": "wav"},
}


@dataclass(frozen=True, kw_only=True)
class Model:
    slug: str
    kind: str
    about: str
    price: float
    fields: dict[str, Schema]
    required: str = "prompt"
    unit: str = "image"
    at_once: bool = False

    @property
    def input_schema(self) -> Schema:
        properties = {name: schema | {"x-order": at} for at, (name, schema) in enumerate(self.fields.items())}
        return {
            "type": "object",
            "properties": properties,
            "required": [self.required],
            "additionalProperties": False,
        }

    def outputs(self, given: dict[str, Any]) -> int:
        return int(given.get("num_outputs") or given.get("number_of_images") or 1)


CATALOGUE = {
    model.slug: model
    for model in (
        Model(slug="truefusion", kind="image", about="Pictures from a sentence.", price=0.03, fields=SIMPLE),
        Model(slug="truefusion-pro", kind="image", about="Pictures with all controls.", price=0.03, fields=FULL),
        Model(
            slug="truefusion-edge",
            kind="image",
            about="Pictures within the create's reply.",
            price=0.01,
            fields=SIMPLE,
            at_once=True,
        ),
        Model(
            slug="truefusion-2.0",
            kind="image",
            about="Pictures from a sentence and other pictures.",
            price=0.04,
            fields=FULL | FROM_PICTURES,
        ),
        Model(slug="flux-pro", kind="image", about="FLUX.1 pro.", price=0.05, fields=FULL),
        Model(
            slug="FLUX.2-pro",
            kind="image",
            about="FLUX.2 pro, the case matters.",
            price=0.06,
            fields=FULL | FROM_PICTURES,
        ),
        Model(
            slug="truefusion-video",
            kind="video",
            about="A short clip.",
            price=0.8,
            fields=CLIP,
            unit="video",
        ),
        Model(
            slug="beatfusion-2.0",
            kind="music",
            about="A tune for your words.",
            price=0.08,
            fields=TUNE,
            required="lyrics",
            unit="prediction",
        ),
    )
}

OUTPUT_SCHEMA: Schema = {"type": "array", "items": URI, "title": "Output"}

VALIDATORS = {slug: Draft202012Validator(model.input_schema) for slug, model in CATALOGUE.items()}

VENDOR: dict[str, Any] = {
    "name": "Skytells",
    "description": "Emulated.",
    "image_url": None,
    "verified": True,
    "slug": "skytells",
    "metadata": {},
}


def found(name: str) -> Model | None:
    """By slug, or by vendor/slug as the console shows it."""
    return CATALOGUE.get(name.rpartition("/")[2])


def described(model: Model, fields: set[str], pricing: str = "shown") -> dict[str, Any]:
    schemas = {"input_schema": model.input_schema, "output_schema": OUTPUT_SCHEMA}
    card = _card(model) | ({} if pricing == "shown" else {"pricing": None})
    return card | {name: schema for name, schema in schemas.items() if name in fields}


def _card(model: Model) -> dict[str, Any]:
    return {
        "name": model.slug,
        "description": model.about,
        "namespace": model.slug,
        "type": model.kind,
        "privacy": "public",
        "img_url": None,
        "vendor": VENDOR,
        "billable": True,
        "pricing": _pricing(model),
        "capabilities": [f"text-to-{model.kind}", *(["image-to-image"] if "image" in model.fields else [])],
        "metadata": {
            "edge_compatible": model.at_once,
            "openai_compatible": False,
            "cold_boot": False,
            "deployment_hardware": {"type": "cpu", "slug": "emulated"},
        },
        "status": "operational",
        "service": {"type": "inference", "inference_party": "first_party"},
    }


def _pricing(model: Model) -> dict[str, Any]:
    return {
        "amount": model.price,
        "currency": "USD",
        "unit": model.unit,
        "criterias": [],
        "formula": "amount * outputs",
    }

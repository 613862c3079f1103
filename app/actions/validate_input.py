"""An input against its model's own JSON Schema, so that what would be refused there is refused here, unpaid."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from app.domain.errors import FieldProblem, InvalidRequest, UnknownModel
from app.domain.model import Model
from app.domain.pictures import pictures_of, with_pictures

LONGEST_PROMPT = 10_000
MOST_PROBLEMS = 20
STAND_IN = "https://files.example/picture.png"


def validate_input(given: Mapping[str, Any], model: Model) -> None:
    """Raises InvalidRequest, which names every field that does not fit, or UnknownModel for one that is offline."""
    if model.offline:
        problem = FieldProblem("model", "offline at the provider")
        raise UnknownModel(f"{model.slug} is offline at {model.provider}.", problems=(problem,))
    problems = tuple(islice(_problems(given, model), MOST_PROBLEMS))
    if problems:
        raise InvalidRequest(f"The input does not fit {model.slug}.", problems=problems)


def _problems(given: Mapping[str, Any], model: Model) -> Iterator[FieldProblem]:
    prompt = given.get("prompt")
    if isinstance(prompt, str) and not any(map(_is_seen, prompt)):
        yield FieldProblem("input.prompt", "must not be blank")
    if isinstance(prompt, str) and len(prompt) > LONGEST_PROMPT:
        yield FieldProblem("input.prompt", f"must have at most {LONGEST_PROMPT:,} characters")
    known = model.input_schema.get("properties")
    if isinstance(known, Mapping):
        for name in (name for name in given if name not in known):
            yield FieldProblem(f"input.{shortened(name)}", f"{model.slug} has no such field")
    try:
        errors = list(islice(_validator(model).iter_errors(_with_addresses(given)), MOST_PROBLEMS))
    except (Unresolvable, RecursionError):  # a schema that refers to nowhere, or to itself, judges nothing
        return
    for error in errors:
        if error.validator != "additionalProperties":
            yield _problem(error)


def _with_addresses(given: Mapping[str, Any]) -> dict[str, Any]:
    """Schemas ask for addresses, of some form and length, where an upload's id or a data URI will do."""
    return with_pictures(given, {each.field: STAND_IN for each in pictures_of(given) if each.is_upload or each.is_data})


def _validator(model: Model) -> Draft202012Validator:
    """Of its own references alone: a schema from outside must not make us ask a third party."""
    return Draft202012Validator(dict(model.input_schema), registry=Registry())


def _problem(error: ValidationError) -> FieldProblem:
    if error.validator == "required":
        missing = str(error.message).split("'")[1]
        return FieldProblem(f"input.{missing}", "is required")
    if error.validator == "dependentRequired":
        missing, by = str(error.message).split("'")[1::2]
        return FieldProblem(f"input.{missing}", f"is required where {by} is given")
    path = ".".join(["input", *map(str, error.absolute_path)])
    return FieldProblem(path, _sentence(error))


def _sentence(error: ValidationError) -> str:
    """Without the value, which may be long or private."""
    rule = error.validator_value
    sentences = {
        "type": f"must be of type {rule}",
        "minimum": f"must be at least {rule}",
        "maximum": f"must be at most {rule}",
        "exclusiveMinimum": f"must be more than {rule}",
        "exclusiveMaximum": f"must be less than {rule}",
        "multipleOf": f"must be a multiple of {rule}",
        "minLength": f"must have at least {rule} characters",
        "maxLength": f"must have at most {rule} characters",
        "not": "does not go with the other fields",
        "enum": f"must be one of {rule}",
        "minItems": f"must have at least {rule} items",
        "maxItems": f"must have at most {rule} items",
    }
    return sentences.get(str(error.validator), f"does not fit the model's rule “{error.validator}”")


def _is_seen(sign: str) -> bool:
    """White space, signs without width and the empty braille cell leave a prompt blank."""
    return sign.isprintable() and not sign.isspace() and sign != "\u2800"


def shortened(name: str) -> str:
    return name if len(name) <= 60 else name[:57] + "…"

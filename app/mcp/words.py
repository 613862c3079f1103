"""What an assistant reads: short lines, with what it should do next."""

import json
from collections.abc import Mapping
from typing import Any

Told = Mapping[str, Any]
LONGEST_PROMPT = 80

CURES = {
    "away": "Is it running, and is DARKROOM_URL right?",
    "unauthenticated": "Set DARKROOM_KEY for this server to a key of `darkroom keys create`.",
    "forbidden_scope": "Use a key with the scope that is named: `darkroom keys create --scope …`.",
    "budget_exceeded": "Wait for the budget's reset, take a cheaper model (list_models), or ask the owner for more.",
    "rate_limited": "Wait as long as is said, then call again.",
    "too_many_unfinished": "Wait for one to end (get_prediction with wait), or cancel one.",
    "content_refused": "Change the words that are named; asking again as it is does not help.",
    "unknown_model": "Choose one of list_models.",
    "ambiguous_model": "Name the provider too, as `provider/model`.",
    "operation_unsupported": "Take one of the models that are named, or of list_models with that operation.",
    "invalid_request": "Correct the fields that are named; list_models with `model` shows what a model takes.",
    "idempotency_conflict": "Leave idempotency_key out, or send the very same arguments with it.",
    "price_unknown": "Choose a model with a price (list_models).",
    "prediction_not_found": "Look it up with list_predictions; this key sees its owner's alone.",
    "already_finished": "Nothing is left to cancel; get_prediction shows it.",
    "storage_full": "Ask whoever runs the service to free disk space.",
}
USUAL_CURE = "Try again; if it stays so, tell whoever runs the service the request id."


def of_prediction(told: Told) -> str:
    head = f"{told['status']}: {told['model']} at {told['provider']}, {_cost(told['cost'])} (id {told['id']})"
    if told["status"] == "succeeded":
        texts = [f"data: {told['data']}"] if told.get("data") is not None else []
        return "\n".join([head, *(told["output"] or ()), *texts])
    if told["error"]:
        return f"{head}\n{told['error']['code']}: {told['error']['message']}"
    if told["status"] == "canceled":
        return head
    return f"{head}\nNot finished ({told['stage']}). Call get_prediction with this id and wait; do not order it again."


def in_a_line(told: Told) -> str:
    prompt = str(told["input"].get("prompt", ""))
    short = prompt if len(prompt) <= LONGEST_PROMPT else f"{prompt[:LONGEST_PROMPT]}…"
    return f"{told['id']} {told['status']} {told['model']} {short!r} {' '.join(told['output'] or ())}".rstrip()


def of_model(told: Told) -> str:
    price = f"{told['example_cost']} USD" if told["example_cost"] is not None else "price unknown"
    usual = f", about {told['usual_seconds']:g} s" if told["usual_seconds"] is not None else ""
    offline = ", offline" if told["offline"] else ""
    does = ", ".join(told["operations"])
    return (
        f"{told['provider']}/{told['model']} ({told['kind']}: {does}): {price}{usual}{offline}. {told['description']}"
    )


def of_costs(told: Told) -> str:
    left = told["budget_remaining"]
    return "\n".join(
        [
            f"Today {told['today']} USD, held {told['held']} USD, ever {told['total']} USD.",
            f"A create may still cost {left} USD today." if left is not None else "There is no budget for the day.",
            *(f"{each['name']}: {each['captured']} USD for {each['predictions']}" for each in told["models"]),
        ]
    )


def of_quote(told: Told) -> str:
    adjusted = [f"{each['field']}: {each['message']}" for each in told["adjusted"]]
    fits = "" if told["fits"] else f" It does not fit the budget, of which {told['budget_remaining']} USD are left."
    return "\n".join([f"{told['price']} USD by {told['model']} at {told['provider']}.{fits}", *adjusted])


def of_problem(told: Told, cure: str) -> str:
    fields = [f"{each['field']}: {each['message']}" for each in told.get("errors") or ()]
    later = [f"Retry after {told['retry_after']} s."] if told.get("retry_after") else []
    return "\n".join([f"{told.get('code')}: {told.get('detail')}", *fields, *later, cure])


def cure_of(told: Told) -> str:
    return CURES.get(str(told.get("code")), USUAL_CURE)


def again_with(key: str) -> str:
    return f"Call again with the same arguments and idempotency_key={key!r}: it is bought once, whatever was heard."


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cost(cost: Told) -> str:
    if cost["captured"] is not None:
        return f"{cost['captured']} USD"
    return f"{cost['held']} USD held" if cost["held"] is not None else "nothing billed"

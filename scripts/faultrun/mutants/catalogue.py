"""What is broken, as texts to replace, and by which aim it is to be caught."""

from dataclasses import dataclass

from scripts.faultrun.builds import Edit


@dataclass(frozen=True, slots=True)
class Mutant:
    """`aim` names a function of `aims`."""

    name: str
    what: str
    aim: str
    edits: tuple[Edit, ...]


MUTANTS = (
    Mutant(
        "lazy-commit",
        "synchronous_commit=off",
        "crash_after_answer",
        (
            Edit(
                "app/db/address.py",
                "        return cast(asyncpg.Connection, await asyncpg.connect(**self.arguments, **more))",
                "        connection = await asyncpg.connect(**self.arguments, **more)\n"
                '        await connection.execute("SET synchronous_commit TO off")\n'
                "        return cast(asyncpg.Connection, connection)",
            ),
        ),
    ),
    Mutant(
        "early-answer",
        "a delivery is answered before its COMMIT",
        "answer_while_database_is_frozen",
        (
            Edit(
                "app/actions/receive_webhook.py",
                "    delivery = delivery_of(provider, report, headers, body)\n",
                "    delivery = delivery_of(provider, report, headers, body)\n"
                "    asyncio.create_task(receive(intake, provider, delivery, report, callback_token))\n"
                "    return Receipt()\n",
            ),
            Edit(
                "app/actions/receive_webhook.py",
                "from collections.abc import Mapping\n",
                "import asyncio\nfrom collections.abc import Mapping\n",
            ),
        ),
    ),
    Mutant(
        "re-send",
        "a create whose reply was lost is sent again",
        "lose_replies",
        (
            Edit(
                "app/actions/submit_prediction.py",
                "provider, claim, Unanswered(), _answered(str(trouble), began)",
                "provider, claim, NotReached(None), _answered(str(trouble), began)",
            ),
        ),
    ),
    Mutant(
        "no-token",
        "no callback token",
        "lose_replies_and_deliveries",
        (
            Edit(
                "app/actions/submit_prediction.py",
                "/api/webhooks/{prediction.provider}?t={prediction.callback_token}",
                "/api/webhooks/{prediction.provider}",
            ),
        ),
    ),
    Mutant(
        "check-then-insert",
        "deliveries are looked for, then inserted",
        "repeat_deliveries_at_once",
        (
            Edit(
                "app/db/inbox.py",
                '    given = {name: getattr(delivery, name) for name in _GIVEN if name != "trouble"}\n',
                "    same = (deliveries.c.provider == delivery.provider, deliveries.c.identity == delivery.identity)\n"
                "    if (await tx.execute(select(deliveries.c.id).where(*same))).first() is not None:\n"
                "        return None\n"
                '    given = {name: getattr(delivery, name) for name in _GIVEN if name != "trouble"}\n',
            ),
            Edit("app/db/inbox.py", "    .on_conflict_do_nothing()\n    .returning(", "    .returning("),
        ),
    ),
    Mutant(
        "no-fence",
        "no attempt token in the final update",
        "freeze_a_holder",
        (
            Edit(
                "app/db/predictions.py",
                "    if is_held:\n        condition",
                "    if False:\n        condition",
            ),
            Edit("app/db/predictions.py", "_BY_ID if token is None else _HELD", "_BY_ID if True else _HELD"),
        ),
    ),
    Mutant(
        "no-looks",
        "the reconciler is off",
        "drop_all_deliveries",
        (Edit("app/jobs/handlers.py", "        await reconcile(", "        return\n        await reconcile("),),
    ),
    Mutant(
        "in-place",
        "outputs are written under their final name",
        "kill_in_mid_download",
        (
            Edit(
                "app/storage/local.py",
                'self._incoming / f"{key}.{secrets.token_hex(4)}", self._settle)',
                "self._at(key), self._settle)\n\n"
                "    def _at(self, key: str) -> Path:\n"
                "        self.local_path(key).parent.mkdir(exist_ok=True)\n"
                "        return self.local_path(key)",
            ),
        ),
    ),
    Mutant(
        "no-fsync",
        "COMMIT before the file is on the disk",
        "trace_the_disk",
        (
            Edit(
                "app/storage/local.py",
                "            os.fsync(file.fileno())\n            file.close()",
                "            file.close()",
            ),
        ),
    ),
    Mutant(
        "final-left",
        "a late event leaves a final state",
        "contradict",
        (
            Edit(
                "app/domain/lifecycle.py", "after = settle if prediction.status.is_final else _after", "after = _after"
            ),
        ),
    ),
    Mutant(
        "short-bodies",
        "the size of a body is not checked",
        "cut_downloads",
        (
            Edit("app/outbound/download.py", 'return _trouble(error, "truncated")', "return None"),
            Edit(
                "app/outbound/download.py",
                "        if promise.length not in (None, self._size):\n"
                '            raise OutputUnavailable("truncated")\n',
                "",
            ),
            Edit("app/storage/arrival.py", "        check(upload.path, max_pixels=self._max_pixels)\n", ""),
        ),
    ),
    Mutant(
        "own-clock",
        "leases end by the process's clock",
        "shift_a_clock",
        (
            Edit(
                "app/db/owed.py",
                "        predictions.c.due_at <= func.now(),\n    )\n    .values(\n        attempts",
                "        predictions.c.due_at <= bindparam('ours', callable_=by_our_clock),\n"
                "    )\n    .values(\n        attempts",
            ),
            Edit(
                "app/db/owed.py",
                ".where(predictions.c.work.is_not(None), predictions.c.due_at <= func.now())",
                ".where(predictions.c.work.is_not(None), predictions.c.due_at <= by_our_clock())",
            ),
            Edit(
                "app/db/owed.py",
                "\n\nasync def claim(",
                "\n\ndef by_our_clock():\n"
                "    import time\n"
                "    from datetime import UTC, datetime\n\n"
                "    return datetime.fromtimestamp(time.time(), UTC)\n\n\nasync def claim(",
            ),
        ),
    ),
    Mutant(
        "key-renewed",
        "an idempotency key may be used again at once",
        "order_at_once",
        (
            Edit(
                "app/db/idempotency.py",
                "        WHERE held.created_at < now() - {REMEMBERED}",
                "        WHERE held.created_at <= now()",
            ),
        ),
    ),
    Mutant(
        "sum-then-insert",
        "a budget is summed up, then the hold is posted",
        "order_beyond_a_budget",
        (
            Edit(
                "app/actions/admit.py",
                "        await draw.check(tx, await predictions.add(tx, *new))",
                "        from app.db import balances\n\n"
                "        read = await balances.read(tx, [limit.balance for limit in draw.limits])\n"
                "        own = sum(each.held for each in new)\n"
                "        sums = {name: type(each)(each.held + own, each.captured) for name, each in read.items()}\n"
                "        await draw.check(tx, sums)\n"
                "        await predictions.add(tx, *new)",
            ),
        ),
    ),
    Mutant(
        "late-hold",
        "nothing is held before the provider has answered",
        "order_beyond_a_budget",
        (
            Edit(
                "app/actions/draft_prediction.py",
                "        held=max(offer.price for offer in priced.offers),",
                "        held=first.price * 0,",
            ),
            Edit(
                "app/domain/steps.py",
                "        provider_id=report.provider_id,\n",
                "        provider_id=report.provider_id,\n"
                "        held=prediction.held if prediction.provider_id else prediction.price,\n",
            ),
        ),
    ),
)

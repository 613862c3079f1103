"""Darkroom: every prediction paid for ends stored, servable and on the books.

The house is a river. Nothing calls upstream; what must follow is a row, written in the transaction that owes it.

    door (web, worker, cli) → action → domain (pure) → db → owed work → action → port (provider, blobs, outbound HTTP)

A prediction's life, and the file that owns each step:

    POST /api/predictions   actions/create_prediction     one transaction: idempotency key, row, owed submission
    submit                  actions/submit_prediction     note that we ask, ask, note the answer
    webhook                 actions/receive_webhook       keep the delivery once and apply it, one commit, then 200
    (or) reconcile          actions/reconcile             ask the provider when its webhook stays away
    collect                 actions/collect_outputs       stream every output into our storage, hashing
    finish                  the same                      `succeeded` is committed when every file is on the disk

A submit reply, a webhook and a poll become the same value, a `domain.report.Report`; one pure function,
`domain.lifecycle.advance`, says what it means and which work it owes.
"""

"""A stranger that speaks Skytells.

The emulator sells pictures, clips and tunes over the prediction API as its public sources describe it: the
documentation on learn.skytells.ai and docs.skytells.ai, and the published clients (PyPI `skytells` 1.0.0,
npm `skytells` 1.0.0, the TypeScript SDK 1.0.5, the CLI). Where those disagree, both readings are served: two
route columns side by side, and the rest as a dialect that `POST /_dialect` changes while it runs.

It shares no line with the product that it tests, so that a shared mistake cannot hide. One process, one
event loop; what it must not forget (accepted creates, their ends, deliveries still owed, the dialect and the
faults) is an append-only journal, flushed to the disk before a create is answered.

    __main__   the flags                            server    the application and its process
    door       /v1: who may, and how much           control   the /_ routes, for whoever directs the play
    creates    what is bought                       reads     what is asked about, cancelled, deleted
    orders     a create's body, read and checked    models    the catalogue
    dialect    what can be said in several ways     views     how things are then said
    book       what happened, kept by journal       work      the running of a prediction
    webhooks   signing and sending                  faults    how it misbehaves
    outputs    files, made by posters, films (both of scenes) and tunes
    cdn        where they are fetched; spoiled as the faults want it, over a wire that can be cut

Invented, because no source tells: the status 202 of a create (one diagram shows it), attempts and back-off
of deliveries, most prices, credits being price times outputs, what cancelling a finished prediction answers
(400), the names `image`, `mask` and `strength`, audio that is always WAV, and every route that begins with an
underscore.
"""

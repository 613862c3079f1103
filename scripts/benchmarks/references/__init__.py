"""What ours is measured against: small programs, each what a user would write, served like ours by one uvicorn process.

    constant    bare Starlette, the same bytes for everybody: what Python behind uvicorn can do at most
    row         bare asyncpg, a row by its key
    insert      bare asyncpg, a durable insert
    core        the same insert through SQLAlchemy's async engine, with a pool that is large enough
    orm         the same insert as its documentation has it: a session, an object, the pool that an engine has by itself
    statements  bare asyncpg, the very statements of our create
    tutorial    FastAPI, SQLAlchemy's ORM and httpx, as the tutorials have it: the download is inside the handler
    download    bare httpx: download, write, sync
    pictures    a CDN for them and us, slow if told so

`python -m scripts.benchmarks.references.NAME --port N …`; each answers `/health` once it can work.
"""

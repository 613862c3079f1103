"""What ours is measured against: small programs, each what a user would write, served like ours by one uvicorn process.

    constant    bare Starlette, the same bytes for everybody: what Python behind uvicorn can do at most
    row         bare asyncpg, a row by its key
    insert      bare asyncpg, a durable insert
    core        the same insert through SQLAlchemy's async engine
    statements  bare asyncpg, the very statements of our create
    tutorial    FastAPI, SQLAlchemy's ORM and httpx, as the tutorials have it: the download is inside the handler
    download    bare httpx: download, write, sync
    pictures    a CDN for them and us, slow if told so

`python -m scripts.benchmarks.references.NAME --port N …`; each answers `/health` once it can work.
"""

"""The garbage collector, told what will never be garbage."""

import gc


def set_aside() -> None:
    """All that a process has built by now lives as long as it does, and is looked at no more. Call it once, ready to
    serve: a full turn over what the imports alone leave, 160,000 objects, stops everything for 136 ms."""
    gc.collect()
    gc.freeze()

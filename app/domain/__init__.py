"""What a prediction is and what may happen to it: plain values and pure functions.

No framework, no clock and no I/O comes in here; `now` is handed over by those who read it from the database.
"""

"""The worker's door: PgQueuer wakes, a handler calls one action, the schedule keeps the house right.

A job carries only a prediction's id. Its row says whether anything is still owed, so a job may come twice, late or
for nothing. PgQueuer's completion and heartbeat do not check who owns a job; our claim and token do (`db.owed`).
"""

"""What the README claims, measured: promises against the running processes, speed against references beside them.

    __main__   which figures; the table, the record, the picture
    promises/  that something is so: bounded, in time, exact; each with `up` as people run it
    speed/     how fast, as ratios of rounds that alternate between ours and a reference in the same run
    references/, load/, stage/     what ours is compared with, who asks, and where
    figures, samples, rounds       a value beside its goal, and how it is made of many
    table, record, plot            how it is told

Nothing here is timed by the test suite.
"""

"""The fault run: a black box is shaken for minutes, and then everything it promised is counted.

It speaks to the product by HTTP, signals, sockets between its processes, and SQL that reads; of the product's code
it imports the starter of Postgres alone. The truth about what was sold is the emulator's, not ours.

    __main__     the flags                             order       what was asked for, and how long each phase is
    series       seed after seed, resumed              run         the phases: quiet, faults, drain, count
    house        every process and proxy, started, restarted, stopped; design says how many, with which settings
      builds     the code under test, as a copy        processes   one child, which dies with us
      database   Postgres, which may crash             ports       below the ephemeral ones, on loopback
      budgets    three that run dry half way           keys        made by the product's own command
      proxies    connections that can be cut, held or listened to
      taps       HTTP overheard                        pgwire      Postgres overheard, by which fencing knows the holder
      emulator   its truth; misbehaviour: its faults   canary      must never be called
      plants     secrets that must never be seen       clock       a wrong clock for one process
      folders    where a run lives                     keeper      starts again what died by itself
    nemesis      strikes: planned from a seed, then dealt
    driver       orders at a rate; client, forger      history     what clients were answered
    observer     SQL every 100 ms                      gauges      memory, descriptors, our own lateness
      purses     what accounts spent, by balance and by ledger
    rest         what must come to rest at the end     journals    the lives of whom a failed check names
    evidence     all that is known at the end, plain values; gather collects it
    checks       pure functions from evidence to verdicts E1–E24
    report       the table and the JSON                progress    the line meanwhile
    sweep        every I/O boundary of one prediction, killed before, killed after, reply cut
    mutants      broken builds that must be caught
"""

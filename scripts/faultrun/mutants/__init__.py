"""Broken builds, each of which must be caught within a minute: the test is itself tested.

catalogue    what is broken, as texts to replace, and by which aim it is to be caught
shooting     a small house of one build, and what an aim may do with it
aims         one attempt each to provoke one kind of wrong; aims at crashes, silence, lost leases, half files,
             budgets
traces       what strace saw
trial        every mutant against its aim, and every aim against the healthy build, which it must acquit
"""

"""The supervisor behind `./scripts/up`: one terminal, every process, nothing left behind.

    __main__ ─▶ plan (what runs, with which environment) ─▶ supervisor ─▶ child, postgres
                                                                     └──▶ tunnel, demo

A child that dies is started again; when the supervisor dies, however suddenly, its children die with it.
"""

"""Where it is measured: one Postgres, and beside it whichever processes a figure is about, each started once.

stage       a folder, a server, databases; opens the processes and closes them
server      the embedded Postgres as a program, with the settings that `up` gives it
processes   a child that dies with us and leaves its words in a file
service     a running web process, as its clients and its operator see it
lives       predictions as they come to be, to be copied by the thousand: copies
overheard   the statements that the server was asked
"""

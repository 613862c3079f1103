"""The boundary sweep: one prediction's life, ended at every place where it touches the world outside its process.

    boundaries   what passes, by name: statements to Postgres, requests and replies of provider, CDN and webhooks
    trap         lets all pass, notes what passes, and strikes at the one boundary it is set to
    lane         a house of its own in which one life follows the other
    lives        a life and what must be true of it
    sweep        which boundaries there are, who takes which, and the table

Random kills hit a window of two milliseconds in a life of four seconds once in two thousand lives; this hits it always.
"""

"""How fast: our running service against references that run beside it, in the same minutes, round by round.

Everything goes through the public doors. What is measured is never loaded together with what it is measured against.
"""

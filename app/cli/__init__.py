"""`darkroom`: the processes, and the tools for those who run them.

`main` is the installed command; `terminal` is how the others talk to people and programs.
"""

from app.cli.main import main

__all__ = ["main"]

"""Runs every sample of a folder; the status of its `answer` goes beside it, or why there is none."""

import os
import sys
import traceback
from pathlib import Path
from typing import Any

os.chdir(sys.argv[1])
for sample in sorted(Path().glob("*.py")):
    left: dict[str, Any] = {}
    try:
        exec(compile(sample.read_text(), sample.name, "exec"), left)
        seen = str(left["answer"].status_code)
    except Exception:
        seen = traceback.format_exc()
    Path(f"{sample.name}.seen").write_text(seen)

"""What the README claims, measured: each module times one promise against the running processes."""

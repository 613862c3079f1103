"""The image without an engine: the Dockerfile's steps replayed in a clean Debian root, and its command run there.

`recipe` reads scripts/deploy/Dockerfile, `base` makes what stands in for its FROM, `build` replays its stages as
layers of overlayfs. `production` and `buying` then run the result as compose.yaml would: as its user, without a
capability, in a read-only root, as PID 1, in a network that is nothing but loopback.

What differs from an engine's image: mmdebstrap makes the base from this machine's own apt sources; nothing is pulled.
It is larger than the official one by Debian's own standard library, which brings the shared libraries that Python
needs. Its Python is a copy of this machine's of FROM's minor version, or Debian's where there is none; the table says
which. A stage is one layer, not one for each step. No cgroup bounds memory or processes; seccomp and AppArmor are not
there. pip hears for the time of a step what this machine tells its own pip of indexes and certificates; none of it is
kept.
"""

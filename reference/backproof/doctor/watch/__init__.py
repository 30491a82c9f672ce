"""A script run as it stands, in a process of its own, while the value of every expression is recorded.

- `instrument` rewrites the source so that each value passes through the recorder
- `recorder` keeps the values; `child` runs the script with it; `runner` starts and ends that process
"""

from backproof.doctor.watch.runner import Watched, watch

__all__ = ["Watched", "watch"]

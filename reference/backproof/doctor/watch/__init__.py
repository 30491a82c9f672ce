"""A script run as it stands, in a process of its own, while the value of every expression is recorded.

- `instrument` rewrites the source so that each value passes through the recorder
- `recorder` keeps those that are data (`values` says which), within limits
- `runner` starts a process and sees it off; in it `start` hands over to `child`, which runs the script
"""

from backproof.doctor.watch.runner import Watched, watch

__all__ = ["Watched", "watch"]

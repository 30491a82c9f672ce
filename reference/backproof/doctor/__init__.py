"""The doctor: somebody's own backprop to a diagnosis.

- `watch` runs a script as it stands and records the value of every expression in it
- `infer` finds in the recording which network is trained, on what, and how
- `diagnose` names the mistake that turns the reference into the user's numbers
- `examine`, where the gradient is right, finds what holds the training back, by experiment
- `report` says it: on a terminal, as Markdown, JSON or HTML
"""

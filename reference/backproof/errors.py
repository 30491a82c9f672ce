"""The errors that a user can cause. Each message names the place, what was found and what was expected."""


class BadInput(ValueError):
    """Something given to backproof cannot be used: a spec, weights, data or an option."""


class SpecError(BadInput):
    """The spec is malformed, or describes a network that cannot exist."""


class DataError(BadInput):
    """The inputs or targets do not fit the spec, or are not finite."""


class WeightsError(BadInput):
    """The weights, slots or buffers do not fit the spec, or their file cannot be read."""


class MissingFramework(BadInput):
    """An implementation was asked for whose framework is not installed."""

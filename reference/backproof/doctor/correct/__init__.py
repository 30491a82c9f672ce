"""From the mistakes of a diagnosis to lines of code: which line is wrong, and how it should read.

The reference with the mistakes yields tensors that the right one does not; the first place in the code that yields
such a tensor is where the mistake is made. A correction is a small edit of that line, in the user's own words,
whose value, worked out from the values seen, is the right tensor.
"""

from dataclasses import replace
from pathlib import Path

from backproof.doctor.correct.locate import Finder
from backproof.doctor.correct.sightings import Sightings
from backproof.doctor.correct.source import Sources
from backproof.doctor.diagnosis import Correction, Explanation
from backproof.doctor.reading import Reading

__all__ = ["corrections"]


def corrections(reading: Reading, explanation: Explanation, folder: Path) -> tuple[Correction, ...]:
    """Return the wrong line of each mistake whose line is found, each line once.

    Parameters
    ----------
    folder
        Where the script's files are; `corrected` is None where no edit was right, or the file cannot be read.
    """
    if reading.recording is None:
        return ()
    sightings = Sightings(reading)
    if not sightings.windows:
        return ()
    finder = Finder(reading, explanation, sightings, Sources(folder))
    found: dict[tuple[str, int], Correction] = {}
    for made in explanation.mistakes:
        for one in finder.corrections(made):
            known = found.setdefault((one.file, one.line), one)
            if one.corrected != known.corrected:  # it takes more than one edit
                found[one.file, one.line] = replace(one, corrected=None)
    return tuple(found.values())

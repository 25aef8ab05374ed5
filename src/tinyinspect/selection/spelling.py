"""Names as people write them: which recording, and which class, a name in a table means.

What differs only in how a computer spells it is the same: composed or decomposed umlauts, blanks around a name,
backslashes, a file name without its folder where only one recording has it, and, for classes, upper and lower case.
"""

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath


class RecordingNames:
    """The names of the recordings that are there."""

    def __init__(self, known: Iterable[str]):
        self.known = sorted(set(known))
        self._exact = set(self.known)
        self._by_path: dict[str, list[str]] = defaultdict(list)
        self._by_file: dict[str, list[str]] = defaultdict(list)
        for name in self.known:
            self._by_path[_path(name)].append(name)
            self._by_file[_path(name).rpartition("/")[2]].append(name)

    def find(self, written: str) -> str | None:
        """The recording that a name means; None where it means none, or several."""
        if written in self._exact:
            return written
        for path in dict.fromkeys([_path(written), _path(written.replace("\\", "/"))]):
            found = self._by_path.get(path) or (self._by_file.get(path) if "/" not in path else None)
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def hint(self, written: str) -> str:
        """What a name that means no recording, or several, may have meant."""
        several = self._by_file.get(_path(written), [])
        if len(several) > 1:
            return f"it may be {' or '.join(repr(name) for name in several[:4])}"
        return nearest(written, self.known)


def label_of(written: str, known: list[str]) -> str | None:
    """The label that is meant: itself, or the one that differs in case or blanks alone; None where there is none."""
    if written in known:
        return written
    alike = [one for one in known if folded(one) == folded(written)]
    return alike[0] if len(alike) == 1 else None


def folded(name: str) -> str:
    """A name without what people write differently: case, blanks, and the form of its umlauts."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())


def nearest(name: str, known: list[str]) -> str:
    """Half a sentence: the known name most like one that is unknown, or the first of them."""
    by_folded = {folded(one): one for one in known}
    near = difflib.get_close_matches(folded(name), by_folded, n=1)
    if near:
        return f"did you mean '{by_folded[near[0]]}'?"
    return f"known are {', '.join(known[:8])}{', ...' if len(known) > 8 else ''}"


def _path(name: str) -> str:
    return str(PurePosixPath(unicodedata.normalize("NFC", name.strip())))

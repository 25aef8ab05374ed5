"""Times that never fall, whatever a recording's timestamps do."""

_RESET = 1.0  # seconds; a jump back by more than that is a clock that was set, not frames in disorder


class Clock:
    """Gives each frame its time in seconds since the first one.

    A time that is missing, or that does not lie after the last one, is repaired: it becomes the last time and one
    frame more. Where the recording's clock was set back, it goes on from there at its own pace.

    Example:
        clock = Clock(rate=10.0)
        [clock.time_of(time) for time in (5.0, 5.1, None, 0.0, 0.3)]  # 0.0, 0.1, 0.2, 0.3, 0.6
        clock.repaired_from  # 2
    """

    def __init__(self, rate: float):
        """Start before the first frame; ``rate`` is the recording's nominal rate in frames per second."""
        self.repaired_from: int | None = None  # the first frame, counted from 0, whose time was repaired
        self._period = 1 / rate
        self._frames = 0
        self._last = 0.0
        self._offset: float | None = None  # what is added to the recording's own times; known from the first of them

    def resume(self, frames: int, origin: float, last: float) -> None:
        """Go on after so many frames, none of which was repaired.

        Args:
            frames: given so far.
            origin: seconds of the first one by the recording's own clock.
            last: seconds of the last one.
        """
        self._frames, self._offset = frames, 0.0 - origin
        self._last = last + self._offset

    @property
    def last(self) -> float:
        """The time of the last frame."""
        return self._last

    def time_of(self, own: float | None) -> float:
        """The time of the next frame, whose time by the recording's own clock is ``own``."""
        expected = self._last + self._period if self._frames else 0.0
        time = expected
        if own is not None:
            self._offset = expected - own if self._offset is None else self._offset
            time = own + self._offset
        if own is None or (self._frames and time <= self._last):
            self.repaired_from = self._frames if self.repaired_from is None else self.repaired_from
            if own is not None and self._last - time > _RESET:
                self._offset = expected - own
            time = expected
        self._frames += 1
        self._last = time
        return time

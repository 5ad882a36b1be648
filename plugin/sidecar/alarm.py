"""The end of our own time: whatever this process does then, it stops and says so."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from types import FrameType
else:
    import _signal as signal  # the module around it costs a millisecond

# Once more, should the first one ring where nothing can be raised; after whatever is to be ended.
_AGAIN = 2.0


class Alarm:
    """What a `with` statement does takes `seconds` at most; then it raises `Temporary`.

    For the main thread only. A child that was started does not hear it: who waits for one must end
    it on the way out.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        from plugin.errors import Temporary

        raise Temporary(
            f"stopped after {round(self._seconds, 1):g} seconds, all that TOWLINE_TIMEOUT allows; "
            "make the stage smaller, give the sidecar more CPU, or raise TOWLINE_TIMEOUT"
        )

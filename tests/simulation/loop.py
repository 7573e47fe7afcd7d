"""Time that passes only when nobody has anything to do: an event loop on which nothing waits."""

import asyncio
import selectors
import warnings


class Stuck(Exception):
    """Nothing will ever happen again, or what should have happened did not."""


class _Leap(selectors.DefaultSelector):
    """Instead of waiting for the network, lets the time pass at once."""

    now = 0.0

    def select(self, timeout=None):
        if timeout is None:
            raise Stuck("everybody waits for somebody else")
        self.now += max(0.0, timeout)
        return []


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose seconds cost nothing, and which does the same whenever it runs."""

    def __init__(self):
        self._leap = _Leap()
        super().__init__(self._leap)

    def time(self):
        return self._leap.now


def run(main):
    """Run *main* in a time of its own; what tasks raise that nobody awaits is no news.

    Nor is what never began because its process was killed.
    """
    with asyncio.Runner(loop_factory=Loop) as runner, warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        runner.get_loop().set_exception_handler(lambda _loop, _context: None)
        return runner.run(main)

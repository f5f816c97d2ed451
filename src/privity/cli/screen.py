"""The terminal of a conversation: lines come in above the one that is being typed.

Between the two stands what is so at this moment, and goes when it is not any more.
"""

import readline
import shutil
import sys

__all__ = ["Screen"]

_CLEAR = "\r\x1b[K"
_UP = "\x1b[1A"


class Screen:
    """Prints above the prompt; where nobody looks on there is none, and no status."""

    def __init__(self) -> None:
        self.prompt = "> " if sys.stdin.isatty() else ""
        self._status = ""
        self._stands = False

    @property
    def typed(self) -> str:
        """Return what is being typed."""
        return readline.get_line_buffer() if self.prompt else ""

    def show(self, text: str) -> None:
        """Print lines that stay."""
        if self.prompt:
            self._draw(text + "\n")
        else:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def status(self, text: str) -> None:
        """Say what is so now, in place of what was; empty: nothing."""
        if self.prompt and text != self._status:
            self._status = text
            self._draw("")

    def entered(self) -> None:
        """Note that the typed line was entered: what stands above it stays there."""
        self._stands = False

    def _draw(self, text: str) -> None:
        line = self.prompt + self.typed
        rows = len(line) // max(shutil.get_terminal_size().columns, 1)
        back = rows + self._stands
        status = f"{self._status}\n" if self._status else ""
        erased = _CLEAR + (_UP + _CLEAR) * back
        sys.stdout.write(f"{erased}{text}{status}{line}")
        sys.stdout.flush()
        self._stands = bool(status)

"""`privity chat WHO`: read and write in one chat, live.

What comes in is printed above the line that is being typed. Lines that begin with
a slash are commands; `/help` lists them.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import typer

from privity.cli.arguments import Chat, absolute
from privity.cli.composing import tell_of_typing
from privity.cli.options import Options
from privity.cli.perform import guarded, hold
from privity.cli.render import render
from privity.cli.screen import Screen
from privity.cli.terminal import one_line
from privity.cli.watching import item_text, stoppable
from privity.client.sentences import explain
from privity.client.socket import Verbs
from privity.client.verbs import params, results, watch_results
from privity.errors import PrivityError

__all__ = ["command"]

_HELP = """\
/reply MESSAGE TEXT   answer a message (its first letters, or last)
/react MESSAGE EMOJI  react to it
/edit MESSAGE TEXT    change a text of yours
/unsend MESSAGE       delete a message of yours
/file PATH            send a file
/save MESSAGE [PATH]  save a file
/quit                 leave"""


def command(context: typer.Context, chat: Chat) -> None:
    """Read and write in one chat."""
    options: Options = context.obj
    guarded(options, _chat(options, chat))


async def _chat(options: Options, chat: str) -> None:
    async with stoppable(), hold(options) as verbs:
        talk = _Talk(verbs, options, chat)
        await talk.begin()
        typed: asyncio.Queue[str | None] = asyncio.Queue()
        watching = asyncio.create_task(talk.watch())
        telling = asyncio.create_task(talk.tell())
        # The watch ends when the profile is locked; so does the conversation.
        watching.add_done_callback(lambda _: typed.put_nowait(None))
        try:
            async for line in _lines(talk.screen.prompt, typed):
                talk.screen.entered()
                if not await talk.take(line):
                    break
        finally:
            for task in (telling, watching):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


@dataclass(slots=True)
class _Talk:
    verbs: Verbs
    options: Options
    chat: str
    screen: Screen = field(default_factory=Screen)
    typing: set[str] = field(default_factory=set[str])

    async def begin(self) -> None:
        """Show the last messages, the unread ones behind a mark; then all is seen."""
        shown = await self._call("history", params.ChatPage(self.chat, limit=20))
        if isinstance(shown, results.History):
            self.chat = shown.chat.chat
            title = one_line(shown.chat.title)
            self.screen.show(f"── {title} ── /help lists commands")
        self.screen.show(render(shown))
        await self._call("read", params.Read(self.chat))

    async def watch(self) -> None:
        """Print what comes in, and mark it as seen."""
        async for item in self.verbs.stream("watch", params.Watch(self.chat)):
            if isinstance(item, watch_results.WatchTyping):
                self._typing(item)
                continue
            text = "" if isinstance(item, watch_results.WatchReady) else item_text(item)
            if text:
                self.screen.show(text)
            if isinstance(item, watch_results.WatchMessage):
                await self._call("read", params.Read(self.chat))

    async def tell(self) -> None:
        """Tell the others while a message is typed, if that is turned on."""

        async def compose() -> None:
            with suppress(PrivityError):
                await self._call("compose", params.Compose(self.chat))

        await tell_of_typing(lambda: self.screen.typed, compose)

    def _typing(self, item: watch_results.WatchTyping) -> None:
        change = self.typing.add if item.typing else self.typing.discard
        change(one_line(item.person.name))
        verb = "is" if len(self.typing) == 1 else "are"
        names = ", ".join(sorted(self.typing))
        self.screen.status(f"{names} {verb} typing …" if names else "")

    async def take(self, line: str) -> bool:
        """Do what was typed; return whether to go on."""
        word, _, rest = line.strip().partition(" ")
        if word == "/quit":
            return False
        if not line.strip():
            return True
        try:
            if word == "/help":
                self.screen.show(_HELP)
            elif word in _COMMANDS:
                await _COMMANDS[word](self, rest.strip())
            elif word.startswith("/") and not word.startswith("//"):
                self.screen.show(f"There is no {word}; /help lists what there is.")
            else:
                text = line.removeprefix("/") if word.startswith("//") else line
                await self._say(params.Send(self.chat, text))
        except Exception as error:  # noqa: BLE001  a refusal ends no conversation
            told = explain(error)
            self.screen.show(one_line(f"{told.message} {told.next}"))
        return True

    async def reply(self, rest: str) -> None:
        message, _, text = rest.partition(" ")
        await self._say(params.Send(self.chat, text, reply_to=message or "last"))

    async def file(self, rest: str) -> None:
        await self._say(params.Send(self.chat, files=(absolute(Path(rest)),)))

    async def react(self, rest: str) -> None:
        message, _, emoji = rest.partition(" ")
        await self._call("react", params.React(self.chat, message, emoji.strip()))

    async def edit(self, rest: str) -> None:
        message, _, text = rest.partition(" ")
        await self._call("edit", params.Edit(self.chat, message, text))

    async def unsend(self, rest: str) -> None:
        await self._call("unsend", params.Unsend(self.chat, rest))

    async def save(self, rest: str) -> None:
        message, _, to = rest.partition(" ")
        asked = params.Save(self.chat, message, absolute(Path(to or ".")))
        self.screen.show(render(await self._call("save", asked)))

    async def _say(self, asked: params.Send) -> None:
        said = await self._call("send", asked)
        if isinstance(said, results.SentList):
            for one in said.messages:
                if one.state != "sent":
                    self.screen.show(render(one))

    async def _call(self, name: str, asked: params.Params) -> results.Result:
        return await self.verbs.call(name, asked, self.options.output.progress)


_COMMANDS: dict[str, Callable[[_Talk, str], Awaitable[None]]] = {
    "/reply": _Talk.reply,
    "/file": _Talk.file,
    "/react": _Talk.react,
    "/edit": _Talk.edit,
    "/unsend": _Talk.unsend,
    "/save": _Talk.save,
}


async def _lines(prompt: str, typed: "asyncio.Queue[str | None]") -> AsyncIterator[str]:
    """Yield typed lines, read in a thread that the end of the program ends."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            while True:
                line = input(prompt)
                loop.call_soon_threadsafe(typed.put_nowait, line)
        except (EOFError, KeyboardInterrupt, RuntimeError, ValueError):
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(typed.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (line := await typed.get()) is not None:
        yield line

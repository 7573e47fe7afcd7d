"""How a command fails: exit code 1, and three lines that say what, where and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup


class Commands(TyperGroup):
    """Lets a wrong call exit with 1: 2 is what a run says that met dead letters (wire.md)."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        with _exit_code_1():
            return super().make_context(*args, **kwargs)

    def invoke(self, *args: Any, **kwargs: Any) -> Any:
        with _exit_code_1():
            return super().invoke(*args, **kwargs)


@contextmanager
def _exit_code_1() -> Iterator[None]:
    try:
        yield
    except typer.TyperException as error:
        error.exit_code = 1
        # The name that pydantic gives to the kind of an error tells a reader nothing.
        error.message = error.message.removeprefix("Value error, ")
        raise


def fail(what: str, *, where: object, do: str) -> NoReturn:
    """End the command with exit code 1; *where* is a file, a file:line or an option."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(Text.assemble(("error  ", "bold red"), what))
    console.print(Text.assemble(("where  ", "bold"), str(where)))
    console.print(Text.assemble(("do     ", "bold"), do))
    raise typer.Exit(1)

"""What the developer sees: steps with their times, and errors."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(highlight=False)


@contextmanager
def step(title: str) -> Iterator[None]:
    """A spinner while the step runs, in a terminal; a line with its time once it is over."""
    started = time.monotonic()
    mark = "[red]✗[/]"
    try:
        with console.status(title):
            yield
        mark = "[green]✓[/]"
    finally:
        console.print(f"{mark} {title} [dim]{time.monotonic() - started:.1f} s[/]")


def complain(problem: object) -> None:
    """An error that is for the developer to mend, in full."""
    console.print("[bold red]Error:[/]", end=" ")
    console.print(str(problem), markup=False, soft_wrap=True)

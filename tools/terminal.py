"""Output for a developer: steps with their times, and errors."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(highlight=False)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show a spinner while the step runs, if this is a terminal, and a line with its time after."""
    started = time.monotonic()
    mark = "[red]✗[/]"
    try:
        with console.status(title):
            yield
        mark = "[green]✓[/]"
    finally:
        console.print(f"{mark} {title} [dim]{time.monotonic() - started:.1f} s[/]")


def complain(problem: object) -> None:
    """Print an error in full, for the developer to mend."""
    console.print("[bold red]Error:[/]", end=" ")
    console.print(str(problem), markup=False, soft_wrap=True)

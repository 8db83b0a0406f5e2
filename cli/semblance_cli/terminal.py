"""Output for the operator: results on stdout, everything else on stderr."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

errors = Console(stderr=True, highlight=False)

_PIPED_COLUMNS = 200
_MOST_LISTED = 20


def output() -> Console:
    """On stdout. A pipe has no width, so lines get as long as they need to be."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PIPED_COLUMNS)
    return console


def progress() -> Progress:
    """Bars on stderr, gone when they are done; none where nobody watches."""
    return Progress(
        TextColumn("{task.description:<9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )


def note(text: str) -> None:
    errors.print(text, markup=False, soft_wrap=True)


def complain(problem: object) -> None:
    errors.print("[bold red]Error:[/]", end=" ")
    errors.print(str(problem), markup=False, soft_wrap=True)


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: list[str], most: int = _MOST_LISTED) -> str:
    """In one line, and not all of very many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def first(lines: list[str], indent: str) -> list[str]:
    """A line each, and not all of very many."""
    more = len(lines) - _MOST_LISTED
    return lines[:_MOST_LISTED] + ([f"{indent}and {more} more"] if more > 0 else [])

"""The entry point of `semblance`, which is also `python -m semblance_cli`."""

import sys

_INCOMPLETE = (
    'semblance: error: the command needs the extra `cli`: pip install ".[cli]" in a checkout, or '
    "pip install 'semblance-VERSION-py3-none-any.whl[cli]'\n"
)


def run() -> None:
    """Callers install the package without the libraries of the command, but with its script."""
    try:
        from semblance_cli import main
    except ModuleNotFoundError as error:
        if error.name != "rich":
            raise
        sys.stderr.write(_INCOMPLETE)
        sys.exit(2)
    main.run()


if __name__ == "__main__":
    run()

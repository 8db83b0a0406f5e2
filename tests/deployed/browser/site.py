"""A web site of static files on a port of this machine, and the page bundled into it."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tools.checkout import CHECKOUT

_HERE = Path(__file__).parent
_MODULES = CHECKOUT / "node_modules"


def bundle(directory: Path, program: str) -> None:
    """Writes the page into a directory, with the SDK and this program in its script."""
    (directory / "index.html").write_bytes((_HERE / "page.html").read_bytes())
    source = directory / "program.mjs"
    source.write_text(program, encoding="utf-8")
    subprocess.run(
        [
            _MODULES / ".bin" / "esbuild",
            _HERE / "page.mjs",
            "--bundle",
            "--format=esm",
            "--log-level=warning",
            f"--alias:getting-started={source}",
            f"--outfile={directory / 'page.js'}",
        ],
        # The program is outside the checkout, and imports the SDK.
        env=os.environ | {"NODE_PATH": str(_MODULES)},
        timeout=60,
        check=True,
    )


@contextmanager
def serving(directory: Path) -> Iterator[str]:
    """The origin of a site with these files, while the context lasts."""
    handler = partial(_Quiet, directory=str(directory))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *_: object) -> None:  # noqa: A002, the base class's name
        pass

"""The Lambda Runtime API: a function's process asks it for its next invocation."""

import json
import queue
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

PREFIX = "/2018-06-01/runtime"
DEADLINE_SECONDS = 29
ARN = "arn:aws:lambda:us-east-1:000000000000:function:under-test"


class FunctionError(Exception):
    """The function's process reported a failed start, or an exception from its handler."""


class RuntimeApi:
    """Hands out one event at a time and waits for the reply that the process posts."""

    def __enter__(self) -> Self:
        self._events: queue.Queue[tuple[str, str]] = queue.Queue()
        self._replies: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def invoke(self, event: object, *, timeout_seconds: float = 60) -> Any:
        self._events.put((str(uuid.uuid4()), json.dumps(event)))
        kind, payload = self._replies.get(timeout=timeout_seconds)
        if kind != "response":
            raise FunctionError(payload)
        return payload

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        events, replies = self._events, self._replies

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                assert self.path == f"{PREFIX}/invocation/next", self.path
                request_id, event = events.get()
                deadline = int((time.time() + DEADLINE_SECONDS) * 1000)
                self._reply(
                    200,
                    event.encode(),
                    {
                        "Content-Type": "application/json",
                        "Lambda-Runtime-Aws-Request-Id": request_id,
                        "Lambda-Runtime-Deadline-Ms": str(deadline),
                        "Lambda-Runtime-Invoked-Function-Arn": ARN,
                        "Lambda-Runtime-Trace-Id": "Root=1-0-0;Sampled=0",
                    },
                )

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kind = self.path.rsplit("/", 1)[1]
                replies.put((kind, json.loads(body)))
                self._reply(202, b"{}", {"Content-Type": "application/json"})

            def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

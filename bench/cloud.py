"""A stand-in for DynamoDB, S3 and CloudWatch Logs on loopback: as much as a search needs.

`python -m bench.cloud <store> <faces>` prints its port. Written items and objects stay in memory;
the generated faces of every collection are read from the store on request.
"""

import hashlib
import json
import sys
import uuid
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from bench.table import Table
from bench.vectors import Store

_XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


class Objects:
    """The objects of S3, by path; a path begins with its bucket."""

    def __init__(self) -> None:
        self._objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self._parts: dict[str, dict[int, bytes]] = defaultdict(dict)
        self._metadata: dict[str, dict[str, str]] = {}

    def put(self, path: str, content: bytes, metadata: dict[str, str]) -> dict[str, str]:
        self._objects[path] = content, metadata
        return {"ETag": _etag(content)}

    def begin(self, metadata: dict[str, str]) -> str:
        upload = uuid.uuid4().hex
        self._metadata[upload] = metadata
        return (
            f"<InitiateMultipartUploadResult {_XMLNS}><UploadId>{upload}</UploadId>"
            "</InitiateMultipartUploadResult>"
        )

    def add(self, upload: str, number: int, content: bytes) -> dict[str, str]:
        self._parts[upload][number] = content
        return {"ETag": _etag(content)}

    def complete(self, path: str, upload: str) -> str:
        content = b"".join(part for _, part in sorted(self._parts.pop(upload).items()))
        tag = self.put(path, content, self._metadata.pop(upload))["ETag"]
        return (
            f"<CompleteMultipartUploadResult {_XMLNS}><ETag>{escape(tag)}</ETag>"
            "</CompleteMultipartUploadResult>"
        )

    def get(self, path: str, wanted: str | None) -> tuple[bytes, dict[str, str]]:
        content, metadata = self._objects[path]
        headers = metadata | {"ETag": _etag(content)}
        if wanted:
            first, last = map(int, wanted.removeprefix("bytes=").split("-"))
            content = content[first : last + 1]
        return content, headers

    def listing(self, bucket: str, prefix: str) -> str:
        entries = "".join(
            f"<Contents><Key>{escape(path.removeprefix(f'/{bucket}/'))}</Key>"
            f"<Size>{len(content)}</Size><ETag>{escape(_etag(content))}</ETag></Contents>"
            for path, (content, _) in sorted(self._objects.items())
            if path.startswith(f"/{bucket}/{prefix}")
        )
        return (
            f"<ListBucketResult {_XMLNS}><IsTruncated>false</IsTruncated>{entries}"
            "</ListBucketResult>"
        )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one piece
    table: Table
    objects = Objects()

    def do_POST(self) -> None:
        target = self.headers.get("X-Amz-Target", "")
        body = self._body()
        if target.startswith("DynamoDB_"):
            reply = self.table.answer(target.partition(".")[2], json.loads(body))
            return self._say(200, json.dumps(reply).encode())
        if target.startswith("Logs_"):
            return self._say(200, b"{}")
        path, query = self._place()
        if "uploads" in query:
            return self._say(200, self.objects.begin(self._metadata()).encode())
        return self._say(200, self.objects.complete(path, query["uploadId"][0]).encode())

    def do_PUT(self) -> None:
        path, query = self._place()
        body = self._body()
        if "uploadId" in query:
            number = int(query["partNumber"][0])
            return self._say(200, b"", self.objects.add(query["uploadId"][0], number, body))
        return self._say(200, b"", self.objects.put(path, body, self._metadata()))

    def do_GET(self) -> None:
        path, query = self._place()
        if "list-type" in query:
            bucket = path.strip("/")
            prefix = query.get("prefix", [""])[0]
            return self._say(200, self.objects.listing(bucket, prefix).encode())
        try:
            content, headers = self.objects.get(path, self.headers.get("Range"))
        except KeyError:
            return self._say(404, b"<Error><Code>NoSuchKey</Code></Error>")
        return self._say(206 if self.headers.get("Range") else 200, content, headers)

    def _place(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        return unquote(parts.path), parse_qs(parts.query, keep_blank_values=True)

    def _metadata(self) -> dict[str, str]:
        return {
            name: value
            for name, value in self.headers.items()
            if name.lower().startswith("x-amz-meta-")
        }

    def _body(self) -> bytes:
        """botocore sends files in chunks, with checksums after the last one."""
        if self.headers.get("Transfer-Encoding") != "chunked" and "aws-chunked" not in (
            self.headers.get("Content-Encoding") or ""
        ):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        content = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return content

    def _say(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """No line a request: the measurement would pay for it."""


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def main() -> None:
    Handler.table = Table(Store(Path(sys.argv[1])), int(sys.argv[2]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()

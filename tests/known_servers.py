"""A web server in this process, also as S3 answers; with ranges or without, as ill as asked for."""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape


@dataclass
class Served:
    """What a server has, how it answers, and what it gave.

    Parameters
    ----------
    files : dict of str to bytes
        By their path.
    ranges : bool
        Whether parts of a file can be asked for.
    down, busy : int
        Answers to come that are 502, whatever is asked for, and answers with a file that are 503.
    cut : int
        Answers to come that break off in the middle.
    refused : int
        Status of every answer, where it is not 0.
    later : dict of str to bytes
        What the files are from the second answer with one on.
    mark : str
        Header that tells one state of a file from another, such as ETag.
    """

    files: dict[str, bytes]
    ranges: bool = True
    down: int = 0
    busy: int = 0
    cut: int = 0
    refused: int = 0
    later: dict[str, bytes] = field(default_factory=dict)
    mark: str = ""
    given: int = 0
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    """Serve files for as long as it lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(b"", head=True)

        def do_GET(self) -> None:
            if "list-type=2" in self.path:
                self._list()
                return
            self._answer(served.files.get(self.path.partition("?")[0], b""))

        def _answer(self, body: bytes, *, head: bool = False) -> None:
            served.asked.append(f"{self.command} {self.path} {self.headers.get('Range', '')}")
            whole = served.files.get(self.path.partition("?")[0])
            status = served.refused or (404 if whole is None else 200)
            if status == 200 and served.down:
                served.down -= 1
                status = 502
            if status == 200 and not head and served.busy:
                served.busy -= 1
                status = 503
            if status != 200 or whole is None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            span = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if span and served.ranges:
                first, last = int(span[1]), int(span[2] or len(whole) - 1)
                body = whole[first : last + 1]
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(whole)}")
            else:
                self.send_response(200)
            if served.mark:
                self.send_header(served.mark, f'"{zlib.crc32(whole):x}"')
            if not head:
                served.files |= served.later
            length = len(whole) if head else len(body)
            self.send_header("Content-Length", str(length))
            if served.ranges:
                self.send_header("Accept-Ranges", "bytes")
            self.end_headers()
            if not head and served.cut:
                served.cut -= 1
                body = body[: len(body) // 2]
                self.close_connection = True
            served.given += len(body)
            self.wfile.write(body)

        def _list(self) -> None:
            """As S3's ListObjectsV2 answers."""
            address = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
            bucket, prefix = address.path.strip("/"), asked.get("prefix", "")
            inside = {
                name.removeprefix(f"/{bucket}/"): body
                for name, body in served.files.items()
                if name.startswith(f"/{bucket}/{prefix}")
            }
            entries = "".join(
                f"<Contents><Key>{escape(name)}</Key><Size>{len(body)}</Size>"
                "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
                for name, body in inside.items()
                if "delimiter" not in asked or "/" not in name.removeprefix(prefix)
            )
            deeper = {
                prefix + name.removeprefix(prefix).partition("/")[0] + "/"
                for name in inside
                if "delimiter" in asked and "/" in name.removeprefix(prefix)
            }
            entries += "".join(
                f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"
                for name in sorted(deeper)
            )
            body = (
                '<?xml version="1.0"?><ListBucketResult'
                ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                f"<Name>{bucket}</Name><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

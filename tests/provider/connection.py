"""HTTP/1.1 on one connection, with hands on the socket that a web framework does not give.

Raw asyncio with h11 (the parser under the client's own HTTP library, so it is there wherever the client is), because
half of what this server exists for happens below HTTP: resetting, going silent, breaking off inside a body, and seeing
that the client went away. ASGI servers hide the transport; one Protocol object and one task a request are also the
cheapest to run.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import h11

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class HttpRequest:
    """One request, read to its end."""

    method: str
    path: str
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes


class Connection(asyncio.Protocol):
    """Reads requests one after the other and hands each to `serve`, which answers through this object."""

    def __init__(self, serve: Callable[[HttpRequest, Connection], Awaitable[None]], all_of: set[Connection]) -> None:
        self._serve = serve
        self._all = all_of
        self._http = h11.Connection(h11.SERVER)
        self._parts: list[bytes] = []
        self._request: h11.Request | None = None
        self._chunked = False
        self.task: asyncio.Task[None] | None = None
        self.sent = 0
        """Bytes of the body of this answer."""

    # ── called by asyncio ──

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._gone = asyncio.get_running_loop().create_future()
        self._room = asyncio.Event()
        self._room.set()
        self._all.add(self)

    def data_received(self, data: bytes) -> None:
        self._http.receive_data(data)
        self._read()

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.discard(self)
        self._room.set()
        if not self._gone.done():
            self._gone.set_result(None)

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    # ── for whoever answers ──

    @property
    def left(self) -> bool:
        """The client has closed."""
        return self._gone.done()

    async def wait_for_leaving(self, seconds: float | None = None) -> bool:
        """True once the client has closed; False where it still waits after `seconds`."""
        await asyncio.wait({self._gone}, timeout=seconds)
        return self._gone.done()

    def begin(self, status: int, headers: Headers, length: int | None) -> None:
        """Send the head. Without a length the body is chunked."""
        self._chunked = length is None
        size = ("transfer-encoding", "chunked") if length is None else ("content-length", str(length))
        self._send(h11.Response(status_code=status, headers=[*headers, size]))

    async def write(self, data: bytes) -> None:
        """Send a part of the body; returns when the system has taken it, or the client is gone."""
        if self.left:
            return
        self._send(h11.Data(data=data))
        self.sent += len(data)
        await self._room.wait()

    async def end(self) -> bool:
        """Finish the answer. True where it was all handed over before the client went away."""
        if self.left:
            return False
        self._send(h11.EndOfMessage())
        await self._room.wait()
        if self.left:
            return False
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self._read()
        else:
            self.transport.close()
        return True

    async def answer(self, status: int, body: bytes, media_type: str, headers: Headers = ()) -> bool:
        """A whole answer at once. True where it was all handed over."""
        self.begin(status, [("content-type", media_type), *headers], len(body))
        await self.write(body)
        return await self.end()

    def close(self) -> None:
        """Close in an orderly way, whatever was promised."""
        self.transport.close()

    def reset(self) -> None:
        """Close so that the client is told of a reset."""
        connected: socket.socket = self.transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    # ── within ──

    def _send(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data and not self.transport.is_closing():
            self.transport.write(data)

    def _read(self) -> None:
        try:
            while True:
                event = self._http.next_event()
                if isinstance(event, h11.Request):
                    self._request, self._parts, self.sent = event, [], 0
                elif isinstance(event, h11.Data):
                    self._parts.append(bytes(event.data))
                elif isinstance(event, h11.EndOfMessage):
                    self._start()
                    return
                else:
                    return
        except h11.RemoteProtocolError:
            self.transport.close()

    def _start(self) -> None:
        assert self._request is not None
        request = HttpRequest(
            self._request.method.decode(),
            self._request.target.decode(),
            {name.decode(): value.decode() for name, value in self._request.headers},
            b"".join(self._parts),
        )
        self._parts = []
        self.task = asyncio.get_running_loop().create_task(self._run(request))

    async def _run(self, request: HttpRequest) -> None:
        await self._serve(request, self)

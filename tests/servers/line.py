"""A line to a server that can be cut, as a server that stops or a network that fails would cut it."""

import asyncio
from urllib.parse import urlsplit


class Line:
    """The line to the server at `url`. Cut, nothing answers at its own address; open, whatever comes is passed on."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        self._behind = (parts.hostname, parts.port)
        self._parts = parts
        self._server: asyncio.Server | None = None
        self._port = 0
        self._passing: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The address of the server by this line; known from the first opening on."""
        login, at, _ = self._parts.netloc.rpartition("@")
        return self._parts._replace(netloc=f"{login}{at}127.0.0.1:{self._port}").geturl()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Close the address and every connection."""
        for listening in self._server.sockets if self._server else ():
            asyncio.get_running_loop().remove_reader(listening.fileno())
        await asyncio.sleep(0)  # whoever was let in this turn needs the server until the next (CPython's gh-109564)
        if self._server:
            self._server.close()
        for _ in range(3):  # somebody may be let in just now
            for passing in list(self._passing):
                passing.cancel()
            await asyncio.gather(*self._passing, return_exceptions=True)
            await asyncio.sleep(0.01)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        ends = [writer]
        try:
            if self._server and self._server.is_serving():
                there, back = await asyncio.open_connection(*self._behind)
                ends.append(back)
                await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        except (asyncio.CancelledError, OSError):
            pass  # cut, by us or by them
        finally:
            self._passing.discard(task)
            for end in ends:
                end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError

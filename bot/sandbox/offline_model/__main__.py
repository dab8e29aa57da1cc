"""`python -m bot.sandbox.offline_model --port N`: the offline model alone, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from bot.sandbox.offline_model import OfflineModel


async def serve(port: int, delay: float) -> None:
    model = OfflineModel(port=port, delay=delay)
    await model.start()
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    sys.stdout.write(f"offline model on {model.base_url}\n")
    sys.stdout.flush()
    await stopped.wait()
    await model.stop()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bot.sandbox.offline_model", description="A stand-in for a language model: plain rules."
    )
    parser.add_argument("--port", type=int, default=8720, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.delay))


if __name__ == "__main__":
    main()

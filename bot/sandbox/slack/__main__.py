"""The pretend Slack as a program: `python -m bot.sandbox.slack --help`."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from .api import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Tokens
from .server import SandboxSlack
from .workspace import Workspace


def main() -> int:
    """Serve until SIGTERM or Ctrl-C; exit status 1 when it cannot start."""
    options = _options().parse_args()
    try:
        workspace = Workspace.load(options.workspace) if options.workspace else Workspace()
        asyncio.run(_serve(options, workspace))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"The pretend Slack cannot start: {error}\n")
        return 1
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.slack", description="A pretend Slack on loopback.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8710, help="port to listen on; 0 takes a free one (%(default)s)")
    parser.add_argument("--workspace", type=Path, help="YAML or JSON file: teammates and channels")
    parser.add_argument("--state", type=Path, help="file that keeps everything across restarts; without it nothing is kept")
    parser.add_argument("--bot-token", default=BOT_TOKEN, help="token that the app must use (%(default)s)")
    parser.add_argument("--app-token", default=APP_TOKEN, help="token for Socket Mode (%(default)s)")
    parser.add_argument("--signing-secret", default=SIGNING_SECRET, help="secret that signs HTTP events (%(default)s)")
    parser.add_argument("--events-url", help="deliver over signed HTTP to this address in place of Socket Mode")
    return parser


async def _serve(options: argparse.Namespace, workspace: Workspace) -> None:
    tokens = Tokens(options.bot_token, options.app_token, options.signing_secret)
    slack = SandboxSlack(workspace, state=options.state, host=options.host, port=options.port, tokens=tokens, events_url=options.events_url)
    ended = asyncio.Event()
    if sys.platform != "win32":  # whose loop has no signal handlers
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, ended.set)
    async with slack:
        sys.stdout.write(f"pretend Slack on {slack.url}\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    sys.exit(main())

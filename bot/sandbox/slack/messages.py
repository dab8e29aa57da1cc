"""Messages, threads and ephemeral messages: kept as Slack shows them, plus the three keys of `PRIVATE`."""

from typing import Any

from .journal import Journal

Json = dict[str, Any]
# Ours alone: where it stands, metadata (shown when asked for), and whether the app gave the blocks itself.
PRIVATE = ("channel", "metadata", "own_blocks")


class Messages:
    """Every message of the workspace by channel and ts. A ts is later than all before it, so each list is in order."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._all: dict[str, dict[str, Json]] = {}
        self._threads: dict[tuple[str, str], list[str]] = {}
        self._ephemeral: dict[tuple[str, str], Json] = {}
        for message in sorted(journal.load("message"), key=lambda each: float(each["ts"])):
            self._place(message)
        for message in journal.load("ephemeral"):
            self._ephemeral[message["channel"], message["ts"]] = message

    def _place(self, message: Json) -> None:
        channel, ts, root = message["channel"], message["ts"], message.get("thread_ts")
        self._all.setdefault(channel, {})[ts] = message
        if root and root != ts:
            self._threads.setdefault((channel, root), []).append(ts)

    def keep(self, message: Json) -> None:
        """Keep a new message, or the changed state of one."""
        if message["ts"] not in self._all.get(message["channel"], {}):
            self._place(message)
        self._journal.put("message", f"{message['channel']} {message['ts']}", message)

    def drop(self, message: Json) -> None:
        """Forget the message; its thread forgets it too."""
        channel, ts = message["channel"], message["ts"]
        self._all[channel].pop(ts, None)
        replies = self._threads.get((channel, message.get("thread_ts") or ts), [])
        if ts in replies:
            replies.remove(ts)
        self._journal.drop("message", f"{channel} {ts}")

    def get(self, channel: str, ts: str) -> Json | None:
        """Return the message, None where there is none."""
        return self._all.get(channel, {}).get(ts)

    def of_channel(self, channel: str) -> list[Json]:
        """Return every message in the channel, replies too, oldest first."""
        return list(self._all.get(channel, {}).values())

    def top_level(self, channel: str) -> list[Json]:
        """Return what stands in the channel itself: no replies but those that were broadcast. Oldest first."""
        return [each for each in self.of_channel(channel) if is_top_level(each)]

    def replies(self, channel: str, root: str) -> list[Json]:
        """Return the replies of a thread without its root, oldest first."""
        return [self._all[channel][ts] for ts in self._threads.get((channel, root), [])]

    def keep_ephemeral(self, message: Json) -> None:
        """Keep a message that one person sees."""
        self._ephemeral[message["channel"], message["ts"]] = message
        self._journal.put("ephemeral", f"{message['channel']} {message['ts']}", message)

    def drop_ephemeral(self, message: Json) -> None:
        """Take an ephemeral message away."""
        self._ephemeral.pop((message["channel"], message["ts"]), None)
        self._journal.drop("ephemeral", f"{message['channel']} {message['ts']}")

    def get_ephemeral(self, channel: str, ts: str) -> Json | None:
        """Return the ephemeral message, None where there is none."""
        return self._ephemeral.get((channel, ts))

    def ephemeral_in(self, channel: str) -> list[Json]:
        """Return the channel's ephemeral messages, oldest first."""
        return [message for (place, _), message in self._ephemeral.items() if place == channel]

    def shown(self, message: Json, *, metadata: bool = False) -> Json:
        """Return the message as Slack's API shows it: a root tells of its replies; metadata only when asked for."""
        seen = {key: value for key, value in message.items() if key not in PRIVATE}
        if metadata and message.get("metadata"):
            seen["metadata"] = message["metadata"]
        replies = self.replies(message["channel"], message["ts"])
        return seen | self._thread_summary(message, replies) if replies else seen

    @staticmethod
    def _thread_summary(message: Json, replies: list[Json]) -> Json:
        people = list(dict.fromkeys(reply["user"] for reply in replies))
        return {
            "thread_ts": message["ts"],
            "reply_count": len(replies),
            "reply_users_count": len(people),
            "latest_reply": replies[-1]["ts"],
            "reply_users": people,
            "is_locked": False,
            "subscribed": False,
        }


def is_top_level(message: Json) -> bool:
    """Say whether the message stands in the channel itself (https://docs.slack.dev/reference/events/message/thread_broadcast)."""
    root = message.get("thread_ts")
    return not root or root == message["ts"] or message.get("subtype") == "thread_broadcast"

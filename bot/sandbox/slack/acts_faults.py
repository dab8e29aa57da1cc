"""Control: what goes wrong, and how things are delivered."""

from dataclasses import asdict

from .errors import ControlError
from .faults import Fault
from .journal import Json
from .request import Wish

KINDS = ("error", "status", "drop_answer_after_doing", "drop", "delay")


def fail(wish: Wish) -> Json:
    """Order a fault for the next calls of a method."""
    wish.only("method", "times", *KINDS)
    if not any(wish.body.get(kind) for kind in KINDS):
        raise ControlError(f"Say what shall go wrong: one of {', '.join(KINDS)}.")
    fault = Fault(wish.text("method"), int(wish.number("times", 1)), wish.text("error", ""), int(wish.number("status", 0)))
    fault.delay, fault.drop = float(wish.number("delay", 0)), wish.flag("drop")
    fault.drop_answer_after_doing = wish.flag("drop_answer_after_doing")
    return _ordered(wish, fault)


def ratelimit(wish: Wish) -> Json:
    """Answer the next calls of a method with 429."""
    wish.only("method", "times", "retry_after")
    fault = Fault(wish.text("method", "*"), int(wish.number("times", 1)), retry_after=max(1, int(wish.number("retry_after", 1))))
    return _ordered(wish, fault)


def _ordered(wish: Wish, fault: Fault) -> Json:
    wish.world.faults.add(fault)
    return {"faults": wish.world.faults.listed()}


def heal(wish: Wish) -> Json:
    """Forget all faults."""
    wish.only()
    wish.world.faults.clear()
    return {"faults": []}


def delivery(wish: Wish) -> Json:
    """Change how events are delivered; return the settings in force."""
    wish.only("ack_timeout", "retry_delays", "hold", "duplicate")
    schedule = wish.world.deliveries.schedule
    schedule.ack_timeout = float(wish.number("ack_timeout", schedule.ack_timeout))
    schedule.retry_delays = [float(each) for each in wish.body.get("retry_delays", schedule.retry_delays)]
    schedule.hold, schedule.duplicate = wish.flag("hold", schedule.hold), int(wish.number("duplicate", schedule.duplicate))
    wish.world.deliveries.wake()
    return asdict(schedule)

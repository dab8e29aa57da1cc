"""Faults to order: calls that fail, hang, are refused, or whose answer is lost."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Fault:
    """What happens to the next `times` calls of a method (`*`: of any)."""

    method: str
    times: int = 1
    error: str = ""
    status: int = 0
    retry_after: int = 0
    delay: float = 0.0
    drop: bool = False
    drop_answer_after_doing: bool = False


class Faults:
    """The faults in force, used up in the order in which they were given."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put a fault at the end."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Forget all of them."""
        self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """Return the fault that strikes this call, used up by one; None for a call that goes well."""
        for fault in self._waiting:
            if fault.method in (method, "*"):
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None

    def listed(self) -> list[dict[str, Any]]:
        """Return the faults still to come."""
        return [asdict(fault) for fault in self._waiting]

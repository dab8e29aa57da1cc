"""The offline model: what `make try` uses where there is no key for a language model. It works by plain rules, and says so."""

from bot.sandbox.offline_model.server import OfflineModel

__all__ = ["OfflineModel"]

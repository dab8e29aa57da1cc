"""The offline model: what `make try` uses where there is no key for a language model. It works by plain rules, and says so.

It is a server of its own that reads the product's prompts as text; it imports nothing of the product, which does not know about it.
Its rule is to keep by default: every sentence that is not a question, greeting, thanks or small talk is worth learning, as said.
"""

from bot.sandbox.offline_model.server import OfflineModel

__all__ = ["OfflineModel"]

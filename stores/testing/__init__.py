"""What tests of a store work with: everything in memory, and the contract that every store keeps. Public, as `stores` is."""

from stores.testing.contract import StoreContract
from stores.testing.rig import Rig, rig
from stores.testing.scripted_model import ScriptedModel
from stores.testing.town import Town

__all__ = ["Rig", "ScriptedModel", "StoreContract", "Town", "rig"]

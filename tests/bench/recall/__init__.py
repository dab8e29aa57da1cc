"""How well recall finds: measured on conversations and meetings of others. See the README beside it."""

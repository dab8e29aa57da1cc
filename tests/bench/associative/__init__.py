"""Insights that bear on a question with which they share no word, written by a model: making them, and scoring recall on them."""

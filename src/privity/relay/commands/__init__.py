"""The operator's commands by what they look after; `cli` puts them together."""

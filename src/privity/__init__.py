"""Privity: end-to-end encrypted messaging that anybody can host."""

__version__ = "0.1.0"

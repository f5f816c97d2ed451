"""A simulated relay of many machines: what breaks first, and what it costs."""

"""The demo: three people, three processes, one relay that can read none of it.

`python -m demo` (or `make demo`) tells every story; `STORY=name` tells one, and
`KEEP=1` leaves everything running and says how to go on by hand.
"""

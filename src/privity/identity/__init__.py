"""Who people are: accounts, devices, handles, links, recovery keys, safety numbers.

Structures and checks only: no network, no clock, no randomness of its own. The
relay uses this package too, so nothing here knows of chats or content.
"""

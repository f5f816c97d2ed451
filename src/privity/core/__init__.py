"""The messenger's engine: accounts, chats, invitations, outbox and inbox, pure.

A step takes the state and one input and returns the next state and the effects
that a driver performs, `Save` first. No network, disk, clock or randomness of its
own; what a step needs of these comes with its `Context`.
"""

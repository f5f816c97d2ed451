"""The client's network: two planes to one relay, and nothing else.

`identified` says who it is and reads its own mailbox; `anonymous` says nothing and
carries the chats. The planes share no connection, no header and no TLS session.
"""

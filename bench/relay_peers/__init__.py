"""Our relay beside other servers, under one driver: what ends `make bench-relay`.

The driver and its ways to ejabberd, Synapse and a bare relay are a harness of their
own, beside the checkout and read where it is; what it needs of us is `peer_privity.py`.
"""

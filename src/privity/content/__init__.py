"""What members say to each other: MIMI content, franking, padding, attachments.

Bytes in, bytes out: no disk, no network, no clock. Sealing under a chat's keys and
deciding who may do what belong to the layers above.
"""

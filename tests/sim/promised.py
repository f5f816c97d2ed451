"""What is promised to the people of a run, by name."""

__all__ = [
    "AGREE",
    "BOUND",
    "LAST",
    "LOST",
    "ORDER",
    "OUT",
    "OWN",
    "READ",
    "REST",
    "SAID",
    "SALT",
    "TWICE",
    "Fault",
]

Fault = tuple[str, str]
"""A promise, and how it was broken."""

AGREE = "all come to one epoch and one transcript"
LOST = "nothing acknowledged is lost"
LAST = "of nobody the last words are lost"
OWN = "what one said oneself stays"
TWICE = "nothing is shown twice"
ORDER = "the order of a chat is the same for all"
READ = "no honest message is undecryptable"
OUT = "nobody removed reads what comes later"
SAID = "what is shown was said"
SALT = "no salt is used twice"
REST = "all comes to rest"
BOUND = "state and work are bounded"

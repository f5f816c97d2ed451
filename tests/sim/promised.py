"""What is promised to the people of a run, by name."""

__all__ = [
    "AGREE",
    "BOUND",
    "LOST",
    "ORDER",
    "OUT",
    "READ",
    "REST",
    "SAID",
    "SALT",
    "TWICE",
]

AGREE = "all come to one epoch and one transcript"
LOST = "nothing acknowledged is lost"
TWICE = "nothing is shown twice"
ORDER = "the order of a chat is the same for all"
READ = "no honest message is undecryptable"
OUT = "nobody removed reads what comes later"
SAID = "what is shown was said"
SALT = "no salt is used twice"
REST = "all comes to rest"
BOUND = "state and work are bounded"

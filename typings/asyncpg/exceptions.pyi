class PostgresError(Exception):
    sqlstate: str

class InterfaceError(Exception): ...

# ruff: noqa: ANN401, ASYNC109  the names and types are the package's
# asyncpg has no type hints of its own for these. Only what Privity uses is here.
from asyncio import BaseTransport
from collections.abc import Iterable
from typing import Any, TypeVar

from asyncpg.exceptions import InterfaceError as InterfaceError
from asyncpg.exceptions import InternalClientError as InternalClientError
from asyncpg.exceptions import PostgresError as PostgresError
from asyncpg.prepared_stmt import PreparedStatement

class ServerVersion:
    major: int

class Connection:
    _transport: BaseTransport
    async def prepare(self, query: str) -> PreparedStatement: ...
    async def execute(
        self, query: str, *args: object, timeout: float | None = None
    ) -> str: ...
    async def fetch(self, query: str, *args: object) -> list[tuple[Any, ...]]: ...
    async def fetchrow(self, query: str, *args: object) -> tuple[Any, ...] | None: ...
    async def fetchval(self, query: str, *args: object) -> Any: ...
    async def copy_records_to_table(
        self,
        table_name: str,
        *,
        records: Iterable[tuple[object, ...]],
        columns: list[str],
        timeout: float,
    ) -> str: ...
    async def close(self, *, timeout: float | None = None) -> None: ...
    def terminate(self) -> None: ...
    def is_closed(self) -> bool: ...
    def get_server_version(self) -> ServerVersion: ...

_C = TypeVar("_C", bound=Connection)

async def connect(
    dsn: str,
    *,
    connection_class: type[_C],
    timeout: float,
    command_timeout: float | None = None,
    statement_cache_size: int,
    server_settings: dict[str, str],
) -> _C: ...

# sqlcipher3 has no type hints of its own; it keeps the interface of sqlite3, so the
# hints are those. Only the names that Privity uses are here.
from sqlite3 import SQLITE_BUSY as SQLITE_BUSY
from sqlite3 import SQLITE_FULL as SQLITE_FULL
from sqlite3 import SQLITE_IOERR as SQLITE_IOERR
from sqlite3 import SQLITE_LOCKED as SQLITE_LOCKED
from sqlite3 import SQLITE_READONLY as SQLITE_READONLY
from sqlite3 import Connection as Connection
from sqlite3 import Cursor as Cursor
from sqlite3 import Error as Error
from sqlite3 import connect as connect

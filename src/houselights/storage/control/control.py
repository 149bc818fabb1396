"""The control database as one object: a repository for each kind of row, and transactions across them."""

from contextlib import AbstractContextManager

from sqlalchemy.engine import Connection, Engine

from houselights.storage.control.accounts import Accounts
from houselights.storage.control.arrivals import Arrivals
from houselights.storage.control.audiences import Audiences
from houselights.storage.control.audit import AuditLog
from houselights.storage.control.builds import Builds
from houselights.storage.control.callbacks import Callbacks
from houselights.storage.control.clients import Clients
from houselights.storage.control.credits import Credits
from houselights.storage.control.database import migrate, open_database, writing
from houselights.storage.control.documents import Documents
from houselights.storage.control.erasures import Erasures
from houselights.storage.control.evaluations import Evaluations
from houselights.storage.control.executions import Executions
from houselights.storage.control.generations import Generations
from houselights.storage.control.imports import Imports
from houselights.storage.control.secrets import Secrets
from houselights.storage.control.tokens import Tokens
from houselights.storage.control.uploads import Uploads
from houselights.storage.control.workspaces import Workspaces


class Control:
    """Every repository on one database. Methods of repositories take `conn` to join a transaction."""

    def __init__(self, database: Engine):
        self.database = database
        self.workspaces = Workspaces(database)
        self.accounts = Accounts(database)
        self.clients = Clients(database)
        self.tokens = Tokens(database)
        self.audiences = Audiences(database)
        self.generations = Generations(database)
        self.imports = Imports(database)
        self.audit = AuditLog(database)
        self.documents = Documents(database)
        self.arrivals = Arrivals(database)
        self.evaluations = Evaluations(database)
        self.executions = Executions(database)
        self.uploads = Uploads(database)
        self.erasures = Erasures(database)
        self.secrets = Secrets(database)
        self.builds = Builds(database)
        self.credits = Credits(database)
        self.callbacks = Callbacks(database)

    @classmethod
    def open(cls, url: str) -> "Control":
        """Open the database at an SQLAlchemy URL and bring its schema up to date.

        Raises InvalidInput for a database we do not know, Unavailable when it does not answer.
        """
        database = open_database(url)
        migrate(database)
        return cls(database)

    def transaction(self) -> AbstractContextManager[Connection]:
        """Begin a transaction that may write: it commits when the block ends, and rolls back when it raises."""
        return writing(self.database)

    def signing_key(self) -> bytes:
        """Return the key that signs page tokens: drawn once, the same in every process on this database."""
        return self.secrets.get("page_secret")

    def close(self) -> None:
        """Let go of the database's connections."""
        self.database.dispose()

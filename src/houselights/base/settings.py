"""Where things are kept and which knobs an operator has. Read once at the start; passed on as an argument."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from houselights.base.callback_settings import CallbackSettings
from houselights.base.clock import Clock, FixedClock, SystemClock
from houselights.base.errors import InvalidInput
from houselights.base.file_settings import FileSettings
from houselights.base.query_settings import QuerySettings
from houselights.base.sign_in_settings import SignInSettings
from houselights.base.upload_settings import UploadSettings


@dataclass(frozen=True, slots=True)
class Settings:
    """One deployment. By default everything lives under one folder and needs no service.

    `database_url` is an SQLAlchemy URL; `lake_url` a folder or an object-store URL; `index_folder` is always local,
    because the index is memory-mapped. `import_folders` are where population files may lie that are imported over
    HTTP (the command line may name any file). `now` holds the clock still, for demos and reproducible reports.
    `sign_in` is the identity provider that lets people into the web app besides passwords, None without one.
    `queries` are the knobs of questions in SQL, `uploads` those of the upload path,
    `callbacks` those of callbacks, `files` those of lists of ids.
    """

    data: Path = Path("houselights-data")
    database_url: str = ""
    lake_url: str = ""
    index_folder: Path = Path()
    import_folders: tuple[Path, ...] = ()
    now: datetime | None = None
    base_url: str = "http://127.0.0.1:8080"
    storage_options: dict[str, str] = field(default_factory=dict)
    sign_in: SignInSettings | None = None
    queries: QuerySettings = field(default_factory=QuerySettings)
    uploads: UploadSettings = field(default_factory=UploadSettings)
    callbacks: CallbackSettings = field(default_factory=CallbackSettings)
    files: FileSettings = field(default_factory=FileSettings)

    def __post_init__(self) -> None:
        data = self.data.absolute()
        object.__setattr__(self, "data", data)
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{data / 'control.db'}")
        if not self.lake_url:
            object.__setattr__(self, "lake_url", str(data / "lake"))
        if self.index_folder == Path():
            object.__setattr__(self, "index_folder", data / "index")
        if not self.import_folders:
            object.__setattr__(self, "import_folders", (data / "imports",))

    @property
    def clock(self) -> Clock:
        """The clock that every "now" asks."""
        return SystemClock() if self.now is None else FixedClock(self.now)

    @classmethod
    def from_environment(cls, data: Path | None = None, base_url: str | None = None) -> "Settings":
        """Read `HOUSELIGHTS_DATA`, `_DATABASE_URL`, `_LAKE_URL`, `_INDEX`, `_IMPORTS` (folders, separated as in PATH),
        `_NOW`, `_BASE_URL`, and `_QUERIES`, `_COLUMN_CLASSES`, `_UPLOADS`, `_CALLBACKS`, `_CALLBACK_HOSTS`, `_FILES`
        and those of `_OIDC_…` as their knobs say; arguments win.

        Raises InvalidInput when `HOUSELIGHTS_NOW` is not an ISO 8601 instant, or another of them not what it should be.
        """
        env = os.environ
        stamp = env.get("HOUSELIGHTS_NOW")
        now: datetime | None = None
        if stamp:
            try:
                now = datetime.fromisoformat(stamp)
            except ValueError as error:
                raise InvalidInput(
                    f"HOUSELIGHTS_NOW is not an ISO 8601 instant: {stamp}", field="HOUSELIGHTS_NOW"
                ) from error
            now = now if now.tzinfo else now.replace(tzinfo=UTC)
        return cls(
            data=data or Path(env.get("HOUSELIGHTS_DATA", "houselights-data")),
            database_url=env.get("HOUSELIGHTS_DATABASE_URL", ""),
            lake_url=env.get("HOUSELIGHTS_LAKE_URL", ""),
            index_folder=Path(env.get("HOUSELIGHTS_INDEX", "")),
            import_folders=tuple(Path(part) for part in env.get("HOUSELIGHTS_IMPORTS", "").split(os.pathsep) if part),
            now=now,
            base_url=base_url or env.get("HOUSELIGHTS_BASE_URL", "http://127.0.0.1:8080"),
            sign_in=SignInSettings.from_environment(),
            queries=QuerySettings.from_environment(),
            uploads=UploadSettings.from_environment(),
            callbacks=CallbackSettings.from_environment(),
            files=FileSettings.from_environment(),
        )

"""Shapes of data sources."""

from houselights.apis.amazon.wire import Told


class ColumnTold(Told):
    """One column. The description ends with its aggregation threshold's class."""

    name: str
    column_type: str
    description: str


class ChannelTold(Told):
    """A way to get results."""

    type: str = "DOWNLOAD"


class OutputChannelTold(Told):
    """Whether results of queries over a table can be had that way."""

    channel: ChannelTold = ChannelTold()
    output_available: bool = True


class DataSourceTold(Told):
    """One table."""

    data_source_id: str
    description: str
    owner: str = "CUSTOMER"
    provider: str = "ADVERTISER_DATA_UPLOAD"
    columns: list[ColumnTold]
    output_channels: tuple[OutputChannelTold, ...] = (OutputChannelTold(),)


class OneTold(Told):
    """Reply of a read."""

    data_source: DataSourceTold


class ListTold(Told):
    """One page."""

    data_sources: list[DataSourceTold]
    next_token: str | None = None

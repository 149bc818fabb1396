"""Shapes of facets, traits and the taxonomy of audiences."""

from typing import Any

from pydantic import BaseModel, Field


class Facet(BaseModel):
    """A question about a person."""

    key: str = Field(description="What rules call it.", examples=["age"])
    name: str = Field(examples=["Age"])
    description: str
    multi: bool = Field(
        description="Whether a person may carry several of its traits; otherwise they exclude each other."
    )
    role: str | None = Field(description="What the facet is, whatever a company calls it.", examples=["age"])
    unit: str | None = Field(description="Currency or unit of numeric bands.", examples=["years"])
    discovery: str | None = Field(description="The category under which its traits are reference audiences.")
    window_days: int | None = Field(description="How far back the events behind it were looked at.")
    traits: int = Field(description="How many traits it has.")


class Trait(BaseModel):
    """One answer to a facet's question."""

    facet: str = Field(examples=["age"])
    key: str = Field(description="What rules call it.", examples=["25-34"])
    name: str
    path: list[str] = Field(description="Names from the root of the facet's tree down to this trait.")
    low: float | None = Field(description="Lower end of a numeric band, inclusive.")
    high: float | None = Field(description="Upper end of a numeric band, inclusive.")
    description: str
    audience_id: str | None = Field(description="Its id as a reference audience.")
    attributes: dict[str, Any] = Field(description="What else the source said of it.")


class Node(BaseModel):
    """A node of the taxonomy of audiences."""

    name: str
    audiences: int = Field(description="Active audiences at it or below it.")


class Taxonomy(BaseModel):
    """The nodes right below a path."""

    path: list[str]
    nodes: list[Node]

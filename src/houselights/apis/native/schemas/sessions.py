"""Shapes of sign-in: who is here, with which role, and the people of a workspace."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from houselights.apis.native.schemas.common import Shape
from houselights.apis.native.schemas.operations import Account


class SignIn(Shape):
    """A name and its password."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "ada", "password": "a long sentence"}]}
    )

    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1000)


class Session(BaseModel):
    """Who is signed in. `proof` goes into the header `Houselights-Proof` of every request that changes something."""

    name: str
    role: str
    scopes: list[str]
    workspace: str
    accounts: list[Account]
    proof: str


class SignInWays(BaseModel):
    """Whether somebody seems to be signed in, and the name of an identity provider, None when there is none."""

    signed_in: bool
    outside: str | None


class NewPerson(Shape):
    """Somebody who may sign in."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "grace", "password": "a long sentence", "role": "builder"}]},
    )

    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1000)
    role: str = Field("viewer", description="viewer, builder or operator.")


class NewPassword(Shape):
    """Another password."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"password": "another long sentence"}]})

    password: str = Field(min_length=1, max_length=1000)


class NewRole(Shape):
    """Another role."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "builder"}]})

    role: str = Field(description="viewer, builder or operator.")


class Person(BaseModel):
    """Somebody who may sign in, or could until they were disabled. `id` is that of their client."""

    id: str
    name: str
    role: str
    disabled: bool
    created_at: datetime


class People(BaseModel):
    """The people of the workspace, oldest first."""

    items: list[Person]

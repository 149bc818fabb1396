"""`GET /affinities`, `/b2b/…`, `/personality-types`, `/location/…`, `/credits`."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from houselights.apis.statsocial.door import caller_of
from houselights.apis.statsocial.lookups.tree import affinity_tree
from houselights.apis.statsocial.operation import BASE
from houselights.apis.statsocial.vocabulary import PLACES, TERMS, Book, book_of
from houselights.apis.statsocial.wire import reply
from houselights.base.paging import request_fingerprint
from houselights.model.catalogue import Trait
from houselights.services.caller import Caller
from houselights.services.house import House

PAGE = 50
PLACES_MOST = 1000  # the vendor's look-ups of places show no pages, so there is a `next` only where there are more
LIFE_SECONDS = 3600

CallerIn = Annotated[Caller, Depends(caller_of)]
Words = Annotated[str, Query(max_length=500, description="Words that the name holds, in any case.")]


def routes(house: House) -> APIRouter:
    """Return the routes of look-ups."""
    router = APIRouter(prefix=BASE, tags=["look-ups"])

    def book(caller: Caller) -> Book:
        return book_of(house.snapshots.current(caller.workspace.id).catalogue)

    def page(caller: Caller, role: str, query: str, token: str, size: int) -> tuple[Sequence[Trait], str]:
        """Return one page of what is found, and the token of the next, if any. Raises InvalidInput, naming `next`."""
        fingerprint = request_fingerprint({"workspace": caller.workspace.id, "of": role, "query": query})
        offset = int(house.pages.read(token, fingerprint=fingerprint, field="next")["offset"]) if token else 0
        found, reached = book(caller).search(role, query), offset + size
        going_on = {"offset": reached}
        more = house.pages.issue(going_on, LIFE_SECONDS, fingerprint=fingerprint) if reached < len(found) else ""
        return found[offset:reached], more

    def work(caller: Caller, role: str, kind: str, query: str, token: str) -> dict[str, Any]:
        some, more = page(caller, role, query, token, PAGE)
        return {"data": [_work(each, kind) for each in some], "has_next": bool(more), "next": more}

    @router.get("/affinities")
    def affinities(
        caller: CallerIn,
        query: Words = "",
        parent_id: Annotated[str, Query(description="Show what stands below this one.")] = "",
        rollups_only: Annotated[bool, Query(description="Show categories only.")] = False,
    ) -> Response:
        """Look affinities up: the seven roots, with the path to every match (`is_match`)."""
        tree = affinity_tree(book(caller), query=query, parent_id=parent_id.strip(), rollups_only=rollups_only)
        return reply(tree)

    @router.get("/b2b/job-titles")
    def job_titles(caller: CallerIn, query: Words = "", next: str = "") -> Response:  # noqa: A002 - the vendor's word
        """Look job titles up, in pages: send `next` along to go on."""
        return reply(work(caller, "job_title", "b2b_jobtitle", query, next))

    @router.get("/b2b/employers")
    def employers(caller: CallerIn, query: Words = "", next: str = "") -> Response:  # noqa: A002 - the vendor's word
        """Look employers up, in pages: send `next` along to go on."""
        return reply(work(caller, "employer", "b2b_employer", query, next))

    @router.get("/personality-types")
    def personality_types(_caller: CallerIn) -> Response:
        """List the terms of personality."""
        return reply({"personalities": [{"term": term} for term in TERMS]})

    @router.get("/credits")
    def credits_left(caller: CallerIn) -> Response:
        """Say how many of each costly thing the company may still ask for; -1 is without end."""
        left = house.credits.balance(caller)
        return reply({kind: -1 if amount is None else amount for kind, amount in left.items()})

    def places(path: str, kind: str, role: str) -> None:
        def look_up(caller: CallerIn, query: Words = "", next: str = "") -> Response:  # noqa: A002 - as above
            some, more = page(caller, role, query, next, PLACES_MOST)
            told = {"data": [_place(book(caller), each, kind) for each in some]}
            return reply(told | ({"has_next": True, "next": more} if more else {}))

        look_up.__doc__ = f"Look {path} up by words that their names hold, {PLACES_MOST:,} at once; `next` goes on."
        router.add_api_route(f"/location/{path}", look_up, methods=["GET"], operation_id=f"look_up_{path}")

    for path, (kind, role) in PLACES.items():
        places(path, kind, role)
    return router


def _work(trait: Trait, kind: str) -> dict[str, Any]:
    followers = trait.attributes.get("followers_count")
    counted = {} if followers is None else {"followers_count": followers}
    return {"id": trait.key, "name": trait.name, **counted, "kind": kind}


def _place(book: Book, trait: Trait, kind: str) -> dict[str, Any]:
    """Write a place; cities and regions also say where they are, since many share a name (our extension)."""
    told: dict[str, Any] = {"id": trait.key, "name": trait.name, "kind": kind}
    for above in ("region", "country"):
        name = trait.attributes.get(above)
        if name:
            country = book.keyed("country", str(name)) if above == "country" else None
            told[above] = country.name if country is not None else str(name)
    return told

"""Facets, traits and the taxonomy of audiences: what can be asked about. Says nothing of people."""

from typing import Annotated

from fastapi import APIRouter, Query

from houselights.apis.native.asking import CallerIn, HouseIn, PagingIn
from houselights.apis.native.schemas.catalogue import Facet, Node, Taxonomy, Trait
from houselights.apis.native.schemas.common import Page
from houselights.apis.native.translate import facet_shape, trait_shape

router = APIRouter(tags=["catalogue"])


@router.get("/v1/facets")
def list_facets(
    house: HouseIn,
    caller: CallerIn,
    paging: PagingIn,
    role: Annotated[str | None, Query(description="Only those that play this role.", examples=["age"])] = None,
) -> Page[Facet]:
    """List the facets: the questions that can be asked about a person."""
    catalogue = house.discovery.catalogue(caller)
    facets = house.discovery.facets(caller, role=role)
    shown = facets[paging.offset : paging.offset + paging.limit]
    return paging.page([facet_shape(facet, catalogue) for facet in shown], len(facets))


@router.get("/v1/facets/{facet}")
def read_facet(house: HouseIn, caller: CallerIn, facet: str) -> Facet:
    """Read one facet."""
    return facet_shape(house.discovery.facet(caller, facet), house.discovery.catalogue(caller))


@router.get("/v1/facets/{facet}/traits")
def list_traits(
    house: HouseIn,
    caller: CallerIn,
    paging: PagingIn,
    facet: str,
    below: Annotated[
        str | None,
        Query(description='Only the traits directly below this one; "" for the roots of the tree. Absent: all.'),
    ] = None,
) -> Page[Trait]:
    """List the traits of a facet in display order, all of them or one level of the tree."""
    stretch = {"offset": paging.offset, "limit": paging.limit}
    if below is None:
        traits, total = house.discovery.traits(caller, facet, **stretch)
    else:
        traits, total = house.discovery.children(caller, facet, below or None, **stretch)
    return paging.page([trait_shape(trait) for trait in traits], total)


@router.get("/v1/facets/{facet}/traits/{trait}")
def read_trait(house: HouseIn, caller: CallerIn, facet: str, trait: str) -> Trait:
    """Read one trait."""
    return trait_shape(house.discovery.trait(caller, facet, trait))


@router.get("/v1/traits")
def search_traits(
    house: HouseIn,
    caller: CallerIn,
    paging: PagingIn,
    q: Annotated[str, Query(min_length=1, max_length=200, description="Words of the name.", examples=["cook"])],
    facet: Annotated[str | None, Query(description="Only of this facet.")] = None,
) -> Page[Trait]:
    """Search traits by the words of their names, best match first."""
    traits, total = house.discovery.search(caller, q, facet=facet, offset=paging.offset, limit=paging.limit)
    return paging.page([trait_shape(trait) for trait in traits], total)


@router.get("/v1/taxonomy")
def read_taxonomy(
    house: HouseIn,
    caller: CallerIn,
    path: Annotated[
        list[str] | None,
        Query(description="Category and nodes below it, repeated in order. Absent: the categories."),
    ] = None,
) -> Taxonomy:
    """Read one level of the taxonomy of audiences, with how many active audiences stand below each node."""
    nodes = house.discovery.taxonomy(caller, path or ())
    return Taxonomy(path=path or [], nodes=[Node(name=name, audiences=count) for name, count in nodes])

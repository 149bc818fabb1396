"""Between the shapes of this room and our own nouns. Refuses to ask of two things at once."""

from collections.abc import Callable, Container
from dataclasses import asdict

from houselights.apis.native.schemas import audiences as shapes
from houselights.apis.native.schemas import catalogue as catalogue_shapes
from houselights.apis.native.schemas import insights as insight_shapes
from houselights.apis.native.schemas.common import Asked, Band, Question
from houselights.apis.native.schemas.operations import Import
from houselights.base.errors import InvalidInput
from houselights.model.audience import Audience, AudienceFilter, AudienceVersion
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.model.imports import ImportRun
from houselights.model.insight import Band as CountBand
from houselights.model.insight import Insight, InsightList
from houselights.rules.json_form import node_from_json
from houselights.rules.tree import InAudience, Rule
from houselights.services.explain import Explained
from houselights.services.lookalike.expand import LOOKALIKE
from houselights.services.privacy import Counted


def rule_of(question: Asked) -> Rule:
    """Return the rule of a question; a saved audience is a rule too. Raises InvalidInput, InvalidRule."""
    if question.rule is not None and question.audience is None:
        return node_from_json(question.rule)
    if question.audience is not None and question.rule is None:
        return InAudience(int(question.audience))
    raise InvalidInput("give either a rule or an audience", field="rule")


def asked(question: Question) -> tuple[Rule, Rule | None]:
    """Return the rule and the universe of a question. Raises InvalidInput, InvalidRule."""
    universe = None if question.universe is None else node_from_json(question.universe, "universe")
    return rule_of(question), universe


def filter_of(choice: insight_shapes.AudienceChoice) -> AudienceFilter:
    """Return our filter for a choice of audiences."""
    return AudienceFilter(
        ids=None if choice.ids is None else frozenset(map(int, choice.ids)),
        categories=None if choice.categories is None else frozenset(choice.categories),
        under=None if choice.under is None else tuple(choice.under),
        kinds=None if choice.kinds is None else frozenset(choice.kinds),
    )


def facet_shape(facet: Facet, catalogue: Catalogue) -> catalogue_shapes.Facet:
    """Return the shape of a facet, with how many traits it has."""
    return catalogue_shapes.Facet(**asdict(facet), traits=len(catalogue.of(facet.key)))


def trait_shape(trait: Trait) -> catalogue_shapes.Trait:
    """Return the shape of a trait."""
    return catalogue_shapes.Trait(
        facet=trait.facet,
        key=trait.key,
        name=trait.name,
        path=list(trait.path),
        low=trait.low,
        high=trait.high,
        description=trait.description,
        audience_id=None if trait.audience_id is None else str(trait.audience_id),
        attributes=dict(trait.attributes),
    )


def audience_shape(audience: Audience) -> shapes.Audience:
    """Return the shape of an audience; its rule as one node, without the version around it."""
    return shapes.Audience(
        id=str(audience.id),
        kind=audience.kind,
        name=audience.name,
        description=audience.description,
        rule=dict(audience.rule["rule"]),
        category=audience.category,
        path=list(audience.path),
        account_id=None if audience.account_id is None else str(audience.account_id),
        status=audience.status,
        version=audience.version,
        evaluation=audience.evaluation,
        exclude_opted_out=audience.exclude_opted_out,
        lookalike=audience.attributes.get(LOOKALIKE),
        created_at=audience.created_at,
        updated_at=audience.updated_at,
    )


def version_shape(version: AudienceVersion) -> shapes.AudienceVersion:
    """Return the shape of one form of an audience."""
    return shapes.AudienceVersion(
        version=version.version,
        name=version.name,
        description=version.description,
        rule=dict(version.rule["rule"]),
        created_at=version.created_at,
    )


def band_shape(band: CountBand) -> Band:
    """Return the shape of a band."""
    return Band(low=band.low, high=band.high)


def counted_shape(counted: Counted) -> insight_shapes.Counted:
    """Return the shape of a number of people as this caller may know it."""
    return insight_shapes.Counted(band=band_shape(counted.band), exact=counted.exact)


def explanation_shape(told: Explained, audience: Audience | None = None) -> insight_shapes.Explanation:
    """Return the shape of an explanation, of a saved audience if it is given."""
    return insight_shapes.Explanation(
        rule=told.rule,
        english=told.english,
        plan=list(told.plan),
        why=told.why,
        outline=list(told.outline),
        queries=[insight_shapes.Query(english=each.english, sql=each.sql, why=each.why) for each in told.queries],
        people=counted_shape(told.people),
        funnel=[
            insight_shapes.Clause(
                english=step.english, alone=counted_shape(step.alone), after=counted_shape(step.after)
            )
            for step in told.funnel
        ],
        matches=list(told.matches),
        nearly=None if told.nearly is None else insight_shapes.Near(key=told.nearly.key, failed=told.nearly.failed),
        lookalike=None if audience is None else audience.attributes.get(LOOKALIKE),
        as_of=told.as_of,
        built_at=told.built_at,
    )


def insights_shape(
    answer: InsightList,
    subject: Callable[[Insight], insight_shapes.Subject],
    *,
    known: Container[int],
    next_page_token: str | None = None,
) -> insight_shapes.Insights:
    """Return a list of insights; a subject that is not `known` (published away since the count) has no name to show."""
    return insight_shapes.Insights(
        items=[insight_shape(row, subject(row)) for row in answer.rows if row.subject_id in known],
        total=answer.total,
        next_page_token=next_page_token,
        audience=answer.audience,
        universe=answer.universe,
        coverage=answer.coverage,
        suppressed=answer.suppressed,
        as_of=answer.as_of,
        built_at=answer.built_at,
    )


def trait_subject(trait: Trait) -> insight_shapes.Subject:
    """Return the shape of a trait as the subject of an insight."""
    return insight_shapes.Subject(
        kind="trait",
        id=None if trait.audience_id is None else str(trait.audience_id),
        name=trait.name,
        facet=trait.facet,
        key=trait.key,
        path=list(trait.path),
    )


def audience_subject(audience: Audience) -> insight_shapes.Subject:
    """Return the shape of an audience as the subject of an insight."""
    return insight_shapes.Subject(
        kind="audience", id=str(audience.id), name=audience.name, category=audience.category, path=list(audience.path)
    )


def insight_shape(insight: Insight, subject: insight_shapes.Subject) -> insight_shapes.Insight:
    """Return the shape of one insight about a named subject."""
    return insight_shapes.Insight(
        subject=subject,
        overlap=insight.overlap,
        overlap_interval=insight_shapes.Interval(low=insight.overlap_low, high=insight.overlap_high),
        universe_share=insight.universe_share,
        affinity=insight.affinity,
        affinity_interval=insight_shapes.Interval(low=insight.affinity_low, high=insight.affinity_high),
        share_of_subject=insight.share_of_subject,
        jaccard=insight.jaccard,
        z=insight.z,
        q=insight.q,
        reliable=insight.reliable,
        both=insight.both,
        subject_people=insight.subject,
    )


def import_shape(run: ImportRun) -> Import:
    """Return the shape of an import."""
    fields = asdict(run)
    return Import(**{name: fields[name] for name in Import.model_fields if name != "id"}, id=str(run.id))

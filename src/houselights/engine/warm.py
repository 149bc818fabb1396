"""Makes the first request as fast as the second: compiles or loads every kernel and runs each once. Needs no data."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from houselights.engine.bitmap import NoLeaves, evaluate
from houselights.engine.index import Index, build_index
from houselights.engine.overlap import Shape, measure_sum, overlaps, pairwise
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.rules.tree import HasTrait, Not, Rule


def warm_up() -> None:
    """Run every kernel on four people. Kernels were compiled (once per machine) when their modules were imported."""
    traits = [Trait(id=i, facet="f", key=str(i), name=str(i), path=(str(i),)) for i in range(2)]
    four = np.arange(4, dtype=np.uint32)
    with TemporaryDirectory() as folder:
        build_index(
            Path(folder) / "index",
            capacity=4,
            everyone=four,
            catalogue=Catalogue([Facet(key="f", name="F")], traits),
            pairs=lambda _: (four, four % 2),
            measures={"m": lambda _: (four, four.astype(np.float32))},
            as_of=datetime(2000, 1, 1, tzinfo=UTC),
            built_at=datetime(2000, 1, 1, tzinfo=UTC),
            generation=1,
        )
        index = Index.open(Path(folder) / "index")
        people = evaluate(index, Not(HasTrait("f", ("0",))), _nobody_asks, NoLeaves(4))
        for shape in (Shape.ROWS, Shape.CONTAINERS):
            overlaps(index, people, shape=shape)
        pairwise([people, index.everyone])
        measure_sum(index, "m", people)


def _nobody_asks(audience_id: int) -> Rule:
    raise AssertionError(f"no audience {audience_id} in a rule made of traits")

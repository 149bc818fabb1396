"""Learns to tell the members of a seed from everybody else by their traits, and says how well it does.

Logistic regression with an L2 penalty over sparse traits, which may overlap and say the same twice (people carry the
ancestors of every trait), where naive Bayes would count the same evidence again and again. Those outside are not known
to be unlike the seed, they are only not in it: the score orders people, it is no probability.

Everybody has one of `FOLDS` folds, by their id. A model for each fold is fitted without it, and scores it: nobody is
scored by a model that has seen them, neither for the figures nor for the answer. The same input gives the same model.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from houselights.base.later import Later
from houselights.engine.features import matrix, scores
from houselights.engine.index import Index

linear_model, metrics = Later("sklearn.linear_model"), Later("sklearn.metrics")
exceptions = Later("sklearn.exceptions")

Array = np.ndarray[Any, Any]

FOLDS = 3
SEED_MOST = 40_000  # members looked at while fitting; more are sampled
OTHERS_MOST = 80_000
OTHERS_LEAST = 20_000
PENALTY_C = 0.05
ITERATIONS_MOST = 200
SHARES = (0.01, 0.05, 0.1)  # of everybody, at which lift is told
RANDOM = 2311


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How well the seed is told from others, on people the model had not seen; each figure is a mean over folds.

    `auc` is how often a member ranks above somebody else (0.5: chance). `lift` gives, for shares of everybody from the
    top, how much more common members are there than in all; at most 1 / share of the seed.
    `fitted_on` is how many members and how many others were looked at.
    """

    auc: float
    lift: dict[float, float]
    fitted_on: tuple[int, int]
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Weights by fold and trait id, float64 (FOLDS, traits), and what they are worth."""

    weights: Array
    intercepts: Array
    quality: Quality

    def scores(self, index: Index, people: Array, look: Callable[[], None]) -> Array:
        """Return the score of each person (ids ascending) by the model that has not seen them; `look` now and then."""
        answer = np.empty(len(people), np.float64)
        for fold in range(FOLDS):
            look()
            mine = np.flatnonzero(folds(people) == fold)
            answer[mine] = scores(index, people[mine], self.weights[fold]) + self.intercepts[fold]
        return answer


def folds(people: Array) -> Array:
    """Return the fold of each person: by a hash of the id, so that neighbours part."""
    return (_hashed(people) % np.uint64(FOLDS)).astype(np.int8)


def lot(people: Array) -> Array:
    """Return a number in [0, 1) for each person, always the same one: who comes first of those who score alike."""
    return (_hashed(people ^ 0x5EED) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def fit(index: Index, seed: Array, others: Array, traits: Array, look: Callable[[], None]) -> Model:
    """Fit a model of `seed` against `others` (ids ascending, none in both) on some traits; `look` now and then.

    Raises ValueError when a fold of either would be empty.
    """
    members = _sample(seed, SEED_MOST)
    rest = _sample(others, min(OTHERS_MOST, max(OTHERS_LEAST, 2 * len(members))))
    people = np.concatenate([members, rest])
    label = np.concatenate([np.ones(len(members), np.int8), np.zeros(len(rest), np.int8)])
    order = np.argsort(people)
    people, label = people[order], label[order]
    rows = matrix(index, people, traits)
    fold = folds(people)
    if any(len(np.unique(label[fold == each])) < 2 for each in range(FOLDS)):
        raise ValueError("too few people to hold some back")
    weights = np.zeros((FOLDS, max(1, index.catalogue.size)), np.float64)
    intercepts = np.zeros(FOLDS, np.float64)
    score = np.empty(len(people), np.float64)
    converged = True
    for each in range(FOLDS):
        look()
        seen, held = np.flatnonzero(fold != each), np.flatnonzero(fold == each)
        fitted = linear_model.LogisticRegression(C=PENALTY_C, max_iter=ITERATIONS_MOST, tol=1e-3)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            fitted.fit(rows[seen], label[seen])
        converged &= not any(issubclass(one.category, exceptions.ConvergenceWarning) for one in told)
        weights[each, traits] = fitted.coef_[0]
        intercepts[each] = fitted.intercept_[0]
        score[held] = fitted.decision_function(rows[held])
    weight = np.where(label == 1, len(seed) / len(members), len(others) / len(rest))
    judged = [_judged(label[fold == each], score[fold == each], weight[fold == each]) for each in range(FOLDS)]
    quality = Quality(
        auc=float(np.mean([auc for auc, _ in judged])),
        lift={share: float(np.mean([lift[share] for _, lift in judged])) for share in SHARES},
        fitted_on=(len(members), len(rest)),
        converged=converged,
    )
    return Model(weights=weights, intercepts=intercepts, quality=quality)


def _judged(label: Array, score: Array, weight: Array) -> tuple[float, dict[float, float]]:
    """Return area under the curve, and lift by share; `weight` says how many people each of the sample stands for."""
    order = np.argsort(-score, kind="stable")
    mass = np.cumsum(weight[order]) / weight.sum()
    members = np.cumsum((weight * label)[order]) / (weight * label).sum()
    lift = {share: float(np.interp(share, mass, members)) / share for share in SHARES}
    return float(metrics.roc_auc_score(label, score)), lift


def _sample(people: Array, most: int) -> Array:
    if len(people) <= most:
        return people
    return np.sort(np.random.default_rng(RANDOM).choice(people, most, replace=False))


def _hashed(people: Array) -> Array:
    """Mix the bits of ids (splitmix64), so that nothing about them shows."""
    mixed = people.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))

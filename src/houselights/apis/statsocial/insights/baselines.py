"""The baselines that this vendor names: everybody, countries, and the two genders of one of them."""

from collections.abc import Mapping

from houselights.services.portraits.baselines import Baseline

GLOBAL = "global"
BASELINES: Mapping[str, Baseline] = {
    GLOBAL: Baseline(),
    "usa": Baseline(country="US"),
    "usa_males": Baseline(country="US", gender="male"),
    "usa_females": Baseline(country="US", gender="female"),
    "uk": Baseline(country="GB"),
    "canada": Baseline(country="CA"),
    "france": Baseline(country="FR"),
    "germany": Baseline(country="DE"),
    "italy": Baseline(country="IT"),
    "spain": Baseline(country="ES"),
}

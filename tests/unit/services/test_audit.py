"""The audit log: nothing is answered that is not in it, and those who wait together are written together."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest

from houselights.base.errors import Unavailable
from houselights.model.audit import AuditEntry
from houselights.services.audit import GroupCommit
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.storage.control.audit import AuditLog
from tests.settle import MADE_AT


def entry(subject: str) -> AuditEntry:
    return AuditEntry(id=0, workspace_id=1, client_id=None, action="test", subject=subject, at=MADE_AT)


class Slow(AuditLog):
    """A log that holds its first batch until it is told to go on, and remembers the sizes of batches."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.subjects: list[str] = []
        self.began, self.go_on = Event(), Event()

    def write_all(self, entries: Any, *, conn: Any = None) -> None:
        batch = list(entries)
        self.began.set()
        assert self.go_on.wait(10)
        if any(one.subject == "bad" for one in batch):
            raise Unavailable("the disk is full")
        self.sizes.append(len(batch))
        self.subjects += [one.subject for one in batch]


def test_those_who_wait_are_written_together() -> None:
    log = Slow()
    commits = GroupCommit(log)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(commits.write, entry("0"))
        assert log.began.wait(10)
        others = [pool.submit(commits.write, entry(str(number))) for number in range(1, 9)]
        while len(commits._waiting) < 8:
            pass
        log.go_on.set()
        for each in (first, *others):
            each.result(10)
    assert log.sizes == [1, 8]
    assert sorted(log.subjects) == [str(number) for number in range(9)]


def test_a_batch_that_fails_fails_for_everybody_in_it_and_for_nobody_else() -> None:
    log = Slow()
    commits = GroupCommit(log)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(commits.write, entry("good"))
        assert log.began.wait(10)
        others = [pool.submit(commits.write, entry(word)) for word in ("bad", "beside it")]
        while len(commits._waiting) < 2:
            pass
        log.go_on.set()
        first.result(10)
        for each in others:
            with pytest.raises(Unavailable):
                each.result(10)
    commits.write(entry("later"))
    assert log.subjects == ["good", "later"]


def test_many_at_once_are_all_there(house: House, caller: Caller) -> None:
    start = Barrier(16)

    def ask(number: int) -> None:
        start.wait()
        for turn in range(5):
            house.audit.record(caller, "test", f"{number}/{turn}")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(16)))
    subjects = [one.subject for one in house.audit.entries(caller, limit=1000)]
    assert sorted(subjects) == sorted(f"{number}/{turn}" for number in range(16) for turn in range(5))


def test_an_answer_that_cannot_be_recorded_is_not_given(
    house: House, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(house.control.audit, "write_all", full)
    rule = house.audiences.resolve(caller.workspace)(9001)
    with pytest.raises(Unavailable):
        house.insights.size(caller, rule)
    with pytest.raises(Unavailable):
        house.insights.traits(caller, rule, facets=["age"])


def test_entries_are_read_newest_first_from_a_place_on(house: House, caller: Caller) -> None:
    for number in range(5):
        house.audit.record(caller, "test", str(number), note="é")
    newest = house.audit.entries(caller, limit=2)
    assert [one.subject for one in newest] == ["4", "3"]
    assert [one.subject for one in house.audit.entries(caller, limit=2, before=newest[-1].id)] == ["2", "1"]
    assert newest[0].details == {"note": "é"}

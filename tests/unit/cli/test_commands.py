"""The commands on the twelve people: tables for readers, JSON for machines, refusals with a hint and code 2."""

import json
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from houselights.cli import serve as serving
from houselights.cli.main import COMMANDS, cli
from houselights.model.workspace import PrivacyPolicy
from houselights.services.house import House

WOMEN = '{"trait": {"facet": "gender", "any_of": ["female"]}}'


def run(*words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, list(words), env={"COLUMNS": "120", **(env or {})})


@pytest.fixture
def ask(house: House) -> Any:
    """Run a command on the house's data folder; it must succeed."""

    def ask(*words: str) -> str:
        result = run(*words, "--data", str(house.settings.data))
        assert result.exit_code == 0, result.output
        return result.stdout

    return ask


def test_help_lists_every_command_without_loading_one() -> None:
    shown = run("--help").output
    for name, entry in COMMANDS.items():
        assert name in shown
        assert entry.line in shown
    heavy = "import sys, houselights.cli.main; print([m for m in ('numba', 'fastapi', 'duckdb') if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_somebody_is_erased_and_the_proof_is_printed(house: House, ask: Any) -> None:
    told = ask("erase", "--key", "ada", "--identity", "email=nobody@example.com")
    assert told.startswith("1 person erased (")
    assert "no trace was found" in told
    proof = json.loads(ask("erase", "--key", "ben", "--json"))
    assert (proof["state"], proof["people"], proof["proof"]["clean"]) == ("done", 1, True)
    assert "10" in ask("explain", '{"everyone": true}')
    assert ask("erase", "--key", "ada", "--let-go") == "let go: 1 of 1 names\n"
    house.control.close()


def test_an_erasure_that_leaves_a_trace_ends_with_code_1(house: House) -> None:
    rule = json.dumps({"where": {"call": {"function": "equal", "arguments": [
        {"path": {"steps": ["_id"]}}, {"text": "customer-123456"}]}}})  # fmt: skip
    data = str(house.settings.data)
    assert run("audiences", "create", "Only one", rule, "--data", data).exit_code == 0
    ended = run("erase", "--key", "customer-123456", "--data", data)
    assert ended.exit_code == 1
    assert "a trace is left in control database, audience.rule: a name" in ended.stdout
    assert run("erase", "--identity", "email", "--data", data).exit_code == 2
    assert run("erase", "--data", data).exit_code == 2


@pytest.mark.parametrize(
    "words", [["demo"], ["import"], ["serve"], ["explain"], ["insights"], ["erase"], ["audiences", "create"]]
)
def test_every_command_shows_an_example(words: list[str]) -> None:
    assert f"Example: houselights {' '.join(words)}" in run(*words, "--help").output


def test_the_version_is_the_packages() -> None:
    assert run("--version").output.split() == ["houselights", metadata.version("houselights")]


@pytest.mark.parametrize("command", [["serve"], ["demo", "--people", "10"]])
def test_a_port_that_is_taken_is_refused_before_any_work(house: House, tmp_path: Path, command: list[str]) -> None:
    folder = house.settings.data if command == ["serve"] else tmp_path / "nothing"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run(*command, "--port", port, "--data", str(folder))
    assert result.exit_code == 2
    assert f"cannot listen on 127.0.0.1, port {port}: address already in use" in result.stderr
    assert not (tmp_path / "nothing").exists()


def test_a_misspelt_command_gets_a_hint() -> None:
    result = run("insight")
    assert result.exit_code == 2
    assert "insights" in result.output


def test_explain(ask: Any) -> None:
    rule = '{"and": [{"trait": {"facet": "gender", "any_of": ["female"]}}, {"not": {"audience": "9002"}}]}'
    shown = ask("explain", rule)
    assert "People with Gender “Female”" in shown
    assert "“Runners”" in shown
    assert "4 people, as of 1 November 2026" in shown
    assert "for example: dara, fumi" in shown
    told = json.loads(ask("explain", rule, "--json"))
    assert [step["after"]["exact"] for step in told["funnel"]] == [6, 4]


def test_a_rule_may_be_json_a_file_an_id_or_a_name(ask: Any, tmp_path: Path) -> None:
    file = tmp_path / "rule.json"
    file.write_text(json.dumps({"version": 1, "rule": {"audience": "9001"}}), encoding="utf-8")
    for word in ("9001", "cooks", f"@{file}", '{"audience": "9001"}'):
        assert json.loads(ask("explain", word, "--json"))["people"]["exact"] == 4


def test_insights_as_a_table_and_as_json(ask: Any) -> None:
    table = ask("insights", WOMEN, "--facet", "age", "--rank", "affinity")
    assert "age › 25-34" in table
    assert "33.3%" in table
    assert "6 of 12 people, as of 1 November 2026; known for 100.0% of them" in table
    told = json.loads(ask("insights", WOMEN, "--facet", "age", "--limit", "2", "--json"))
    assert len(told["items"]) == 2
    assert told["total"] == 7


def test_insights_beside_audiences_and_within_a_universe(ask: Any) -> None:
    told = json.loads(ask("insights", WOMEN, "--category", "Custom-built", "--json"))
    assert {item["subject"]["name"] for item in told["items"]} >= {"Cooks", "Runners"}
    within = json.loads(ask("insights", WOMEN, "--universe", "Cooks", "--json"))
    assert (within["audience"], within["universe"]) == (2, 4)


def test_the_life_of_an_audience(ask: Any) -> None:
    made = json.loads(ask("audiences", "create", "Women", WOMEN, "--description", "Half of them", "--json"))
    listed = ask("audiences", "list", "--category", "Custom-built")
    assert "Women" in listed
    assert "6 of 6" in listed
    page = json.loads(ask("audiences", "list", "--category", "Custom-built", "--limit", "2", "--json"))
    assert (len(page["items"]), page["total"]) == (2, 6)
    shown = ask("audiences", "show", made["id"])
    assert "People with Gender “Female”." in shown
    assert "Half of them" in shown
    assert ask("audiences", "archive", "Women").strip() == f"archived {made['id']}"
    assert json.loads(ask("audiences", "show", made["id"], "--json"))["status"] == "archived"


def test_clients_are_made_listed_and_disabled(ask: Any, house: House) -> None:
    made = json.loads(ask("clients", "create", "Report", "--scope", "insights:read", "--json"))
    assert house.callers.identify(made["token"]).scopes == frozenset({"insights:read"})
    assert "Report" in ask("clients", "list")
    ask("clients", "disable", made["id"])
    assert json.loads(ask("clients", "list", "--json"))["items"][0]["disabled"] is True
    assert "client.disable" in ask("clients", "audit")
    actions = [one["action"] for one in json.loads(ask("clients", "audit", "--json"))["items"]]
    assert actions == ["client.disable", "client.create"]


@pytest.mark.parametrize(
    ("words", "told", "hint"),
    [
        (["explain", "{nope"], "the rule is not JSON", ""),
        (["explain", '{"trait": {"facet": "gendr", "any_of": []}}'], 'unknown facet "gendr"', 'did you mean "gender"'),
        (["explain", "Cook"], 'no audience is called "Cook"', 'near it: "Cooks"'),
        (["explain", "--language", "adobe", 'city = "x"'], "^^^^", 'did you mean "homeAddress.city"?'),
        (["explain", "--language", "adob", "1 = 1"], 'there is no language "adob"', 'did you mean "adobe"?'),
        (["explain", "@missing.json"], "cannot be read", ""),
        (["insights", WOMEN, "--facet", "agee"], 'no facet "agee"', 'did you mean "age"'),
        (["insights", WOMEN, "--rank", "size"], 'no ranking "size"', "lower_bound"),
        (["audiences", "archive", "Cooks"], '"Cooks" is used by', "archive or change those first"),
        (["clients", "create", "x", "--scope", "fly"], "no scope fly", ""),
        (["explain", "Cooks", "--workspace", "twelfe"], 'no workspace "twelfe"', 'did you mean "twelve"?'),
    ],
)
def test_refusals_name_the_place_and_what_was_meant(house: House, words: list[str], told: str, hint: str) -> None:
    result = run(*words, "--data", str(house.settings.data))
    assert result.exit_code == 2
    assert told in result.stderr
    assert hint in result.stderr
    assert "Traceback" not in result.output


def test_several_workspaces_must_be_told_apart(house: House) -> None:
    house.control.workspaces.create("other", PrivacyPolicy(), created_at=house.clock.now())
    result = run("explain", "Cooks", "--data", str(house.settings.data))
    assert result.exit_code == 2
    assert "--workspace: twelve, other" in result.stderr


@pytest.mark.parametrize("command", [["explain", "x"], ["serve"], ["audiences", "list"], ["clients", "list"]])
def test_without_data_every_command_says_what_to_do_and_makes_nothing(tmp_path: Path, command: list[str]) -> None:
    folder = tmp_path / "nothing"
    result = run(*command, "--data", str(folder))
    assert result.exit_code == 2
    assert "houselights demo" in result.stderr
    assert not folder.exists()


def test_serve_hands_its_settings_to_the_workers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(serving.uvicorn, "run", lambda app, **settings: asked.update(settings, app=app))
    for name in ("HOUSELIGHTS_DATA", "HOUSELIGHTS_BASE_URL", "PROMETHEUS_MULTIPROC_DIR"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    result = run("serve", "--data", str(house.settings.data), "--port", "8123", "--workers", "2")
    assert result.exit_code == 0, result.output
    assert (asked["app"], asked["factory"], asked["workers"]) == ("houselights.app:from_environment", True, 2)
    assert serving.os.environ["HOUSELIGHTS_DATA"] == str(house.settings.data)
    assert serving.os.environ["HOUSELIGHTS_BASE_URL"] == "http://127.0.0.1:8123"


def test_import_tells_what_became_of_it_and_does_it_once(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,gender\na,female\nb,male\n,male\n", encoding="utf-8")
    population = tmp_path / "POPULATION.yaml"
    population.write_text(
        "version: 1\nworkspace: shop\npeople:\n  - {files: people.csv, key: id, facets: {gender: {column: gender}}}\n"
        "facets:\n  gender: {name: Gender, role: gender}\n",
        encoding="utf-8",
    )
    data = ["--data", str(tmp_path / "data")]
    first = run("import", str(population), *data)
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith("2 people from 3 rows, generation 1; 1 rows rejected, see ")
    assert "reading people.csv: done" in first.stderr
    assert run("import", str(population), *data).stdout.startswith("nothing has changed: 2 people")
    again = json.loads(run("import", str(population), *data, "--json").stdout)
    assert (again["state"], again["people"]) == ("unchanged", 2)
    population.write_text(population.read_text(encoding="utf-8").replace("key: id", "key: idd"), encoding="utf-8")
    refused = run("import", str(population), *data)
    assert refused.exit_code == 2
    assert "idd" in refused.stderr


def test_output_in_a_pipe_is_plain(house: House) -> None:
    """No colour codes, and no line cut at eighty characters."""
    command = [
        sys.executable,
        "-c",
        "from houselights.cli.main import run; run()",
        "audiences",
        "list",
        "--limit",
        "40",
    ]
    piped = subprocess.run(
        [*command, "--data", str(house.settings.data)], capture_output=True, text=True, check=True, timeout=120
    )
    assert "\x1b" not in piped.stdout
    assert "Interest › Interests › Food and drink › Cooking" in piped.stdout


def test_explain_takes_text_in_a_language(ask: Any, tmp_path: Path) -> None:
    text = 'homeAddress.city="Leeds" AND person.gender.equals("Female", false)'
    shown = ask("explain", "--language", "adobe", text)
    assert 'homeAddress.city = "Leeds" and person.gender.equals("Female", false)' in shown
    assert "same_text (ignoring case)" in shown
    assert 'People where home address city is "Leeds" and' in shown
    assert "SELECT" in shown
    assert "for example: cleo" in shown
    assert "nearly: ada, but not People where home address city is" in shown
    file = tmp_path / "text.pql"
    file.write_text(text, encoding="utf-8")
    told = json.loads(ask("explain", "--language", "adobe", f"@{file}", "--json"))
    assert [step["after"]["exact"] for step in told["funnel"]] == [2, 1]
    assert len(told["queries"]) == 1

"""The API page: everything in one file, everything escaped, every operation with a command that can be pasted."""

from html.parser import HTMLParser
from typing import Any

from houselights.base.api_page import api_page

DOCUMENT: dict[str, Any] = {
    "info": {"title": "A <b>house</b>", "description": "Says `hello`.\n\nAnd bye."},
    "servers": [{"url": "http://127.0.0.1:8080"}],
    "tags": [{"name": "doors", "description": "In and out."}, {"name": "empty"}],
    "paths": {
        "/doors/{door}": {
            "parameters": [],
            "post": {
                "operationId": "open",
                "tags": ["doors"],
                "description": "Open a door.\n\nIt stays open.",
                "security": [{"HTTPBearer": []}],
                "parameters": [{"$ref": "#/components/parameters/door"}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Key"}}}},
                "responses": {"200": {"description": "Open."}, "404": {"description": "No <door>"}},
            },
            "get": {"summary": "Look", "responses": {}},
        }
    },
    "components": {
        "parameters": {"door": {"name": "door", "in": "path", "required": True, "description": "Which one."}},
        "schemas": {"Key": {"examples": [{"key": "it's mine"}]}},
    },
}


def test_the_page_says_it_all_and_escapes_it() -> None:
    page = api_page(DOCUMENT)
    for shown in (
        "<h1>A &lt;b&gt;house&lt;/b&gt;</h1>", "Says <code>hello</code>.", "<h2>Doors</h2><p>In and out.</p>",
        "<code>/doors/{door}</code>", "<p>It stays open.</p>", "<td>Which one.", "No &lt;door&gt;",
        "<h2>Operations</h2>",
    ):  # fmt: skip
        assert shown in page
    assert "<h2>Empty</h2>" not in page


def test_the_command_can_be_pasted_into_a_shell() -> None:
    shown: list[str] = []

    class Commands(HTMLParser):
        inside = False

        def handle_starttag(self, tag: str, attrs: Any) -> None:
            self.inside = tag == "pre"

        def handle_data(self, data: str) -> None:
            if self.inside:
                shown.append(data)
                self.inside = False

    Commands().feed(api_page(DOCUMENT))
    assert shown[0] == (
        "curl -X POST 'http://127.0.0.1:8080/doors/{door}' \\\n"
        '  -H "Authorization: Bearer $TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        "  -d '{\"key\": \"it'\\''s mine\"}'"
    )
    assert shown[1] == "curl -X GET 'http://127.0.0.1:8080/doors/{door}'"


def test_nothing_is_fetched_from_elsewhere() -> None:
    page = api_page(DOCUMENT)
    assert "<script" not in page
    assert "src=" not in page
    assert "<link" not in page

"""The generated pages of the documents are what the program says now."""

from houselights.cli.docs import main


def test_the_generated_pages_are_up_to_date() -> None:
    assert main(["--check"]) == 0, "run `make docs`"

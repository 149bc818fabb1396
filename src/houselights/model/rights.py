"""What a client may do with the lists of people that audiences become: an operator says it, client by client."""

from dataclasses import dataclass

# Kinds of lists that can be made of an audience's people: namespaces of identities, and the workspace's own ids.
OUTPUTS = ("ss_id", "twitter_id", "twitter_user", "md5", "email_raw", "cint_id", "ma_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """`choose_outputs`: may say which outputs an audience gets. `demographics_first`: may begin an audience with age,
    gender or place, which is to ask for everybody of a kind. `generate`, `view` and `download` name the outputs that
    are made for it, that it hears of, and whose files it may have; None is all of them.
    """

    choose_outputs: bool = True
    demographics_first: bool = True
    generate: frozenset[str] | None = None
    view: frozenset[str] | None = None
    download: frozenset[str] | None = None

    def may_generate(self, output: str) -> bool:
        """Tell whether lists of this kind are made for the client."""
        return self.generate is None or output in self.generate

    def may_view(self, output: str) -> bool:
        """Tell whether the client hears of lists of this kind."""
        return self.view is None or output in self.view

    def may_download(self, output: str) -> bool:
        """Tell whether the client may have the files of lists of this kind."""
        return self.may_view(output) and (self.download is None or output in self.download)

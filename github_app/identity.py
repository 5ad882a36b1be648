"""Who the App is on GitHub, and which deeds there are its own. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from plugin.errors import Refusal

_BOT = "[bot]"


@dataclass(frozen=True, slots=True)
class Identity:
    """The App as GitHub shows it: its id, and the slug its bot's login is made of."""

    app_id: int
    slug: str

    def __post_init__(self) -> None:
        if self.app_id <= 0:
            raise Refusal(f"{self.app_id} is not the id of a GitHub App")
        if not self.slug or self.slug.endswith(_BOT):
            raise Refusal(f"'{self.slug}' is not the slug of a GitHub App")

    @property
    def login(self) -> str:
        """The login of the App's bot user as REST and webhooks write it, `SLUG[bot]`."""
        return f"{self.slug}{_BOT}"

    def is_us(self, login: str | None) -> bool:
        """Whether `login` is our bot's; GraphQL's actors are called `SLUG` only."""
        return login is not None and login.removesuffix(_BOT) == self.slug

    def is_our_address(self, email: str) -> bool:
        """Whether it is the address of our bot's commits, `ID+SLUG[bot]@users.noreply...`."""
        return email.partition("@")[0].partition("+")[2] == self.login

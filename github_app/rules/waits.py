"""Why freight that may come does not come yet: the stage keeps what it holds. Pure."""

from __future__ import annotations

from github_app.ledger_times import time_text
from github_app.picture import LinePicture
from github_app.rules.adoption import is_downgrade
from github_app.rules.availability import Pending, Rules
from github_app.rules.verification import Disproved
from plugin import holding as holdings
from plugin.freight import Freight, FreightId, alias_of
from plugin.pipeline import Stage, Supersede


def still_soaking(
    rules: Rules, stage: Stage, warehouse: str, current: FreightId | None
) -> Pending | None:
    """With `supersede: after-soak` freight stays until downstream stages could take it.

    Unless it failed there: then it never will, and what mends it must not wait.
    """
    if stage.supersede is not Supersede.AFTER_SOAK or current is None:
        return None
    wanted = rules.overview.wanted_soak(stage.name, warehouse)
    since = rules.held_since(stage.name, warehouse, current)
    soaked = rules.soaked(stage.name, warehouse, current) >= wanted
    failed = isinstance(rules.verdict(stage, warehouse), Disproved)
    if soaked or failed or since is None:
        return None
    until = since + wanted
    return Pending(
        f"{alias_of(current)} soaks in {stage.name} until {time_text(until)} "
        "before newer freight may displace it",
        until,
    )


def downgrade(picture: LinePicture, freight: Freight) -> Pending | None:
    """Pins without a record were chosen by somebody: never take them back."""
    match picture.holding:
        case holdings.Adopted(held):
            pass
        case _:
            return None
    for one in held:
        artifact = freight.artifact(one.subject)
        if artifact and one.tag and is_downgrade(one.tag, artifact.tag):
            return Pending(
                f"{picture.stage} holds {one}, newer than {artifact.tag} of "
                f"{freight.alias}: what it was found with is never downgraded"
            )
    return None

"""Where each kind of subscription finds its versions: one question to whoever knows them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from github_app.ports import Known
from github_app.warehouse.candidate import Candidate
from github_app.warehouse.charts import repository_of
from github_app.warehouse.choices import Choices
from github_app.warehouse.disk_index.choosing import rules_of as disk_rules_of
from github_app.warehouse.filtered import Filtered, rules_of
from github_app.warehouse.offered_images import exact, left_out, offered
from github_app.warehouse.ports import Registry
from plugin.artifact import (
    Artifact,
    Chart,
    ChartName,
    Custom,
    CustomName,
    GitRepository,
    Image,
    Repository,
    Revision,
)
from plugin.artifact.git import is_commit
from plugin.errors import Refusal
from plugin.held import Held
from plugin.subscriptions import (
    ChartSubscription,
    CustomSubscription,
    DiskSubscription,
    GitSubscription,
    ImageSubscription,
    PathSubscription,
    Selection,
    StageSubscription,
    Subscription,
    TakenWhole,
)


class ChartVersions(Protocol):
    """Charts, by whatever way they are published."""

    def versions(self, subscription: ChartSubscription) -> Iterable[Candidate]:
        """The versions the subscription may take, best first."""

    def filtered(self, subscription: ChartSubscription) -> tuple[Filtered, ...]:
        """The versions that it may not take, with the rule against each."""

    def exact(self, subscription: ChartSubscription, version: str) -> Candidate | None:
        """One version, whatever the subscription's rules say of it."""


class Revisions(Protocol):
    """Git repositories."""

    def newest(self, subscription: GitSubscription, last: Revision | None) -> Iterable[Candidate]:
        """The revisions the subscription may take, best first; `last` is in the newest freight."""

    def filtered(self, subscription: GitSubscription) -> tuple[Filtered, ...]:
        """The versions that it may not take, with the rule against each."""

    def exact(self, subscription: GitSubscription, version: str) -> Candidate | None:
        """One tag or commit, whatever the subscription's rules say of it."""


class Disks(Protocol):
    """Disk images behind addresses."""

    def candidates(self, subscription: DiskSubscription) -> Iterable[Candidate]:
        """The disk images the subscription may take, best first."""

    def filtered(self, subscription: DiskSubscription) -> tuple[Filtered, ...]:
        """The versions that it may not take, with the rule against each."""

    def exact(self, subscription: DiskSubscription, version: str) -> Candidate | None:
        """One version, whatever the subscription's rules say of it."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Everybody who is asked; all raise Refusal and Temporary.

    `choices` remembers which tags of a list an image subscription may take.
    """

    registry: Registry
    charts: ChartVersions
    revisions: Revisions
    disks: Disks
    choices: Choices = field(default_factory=Choices)

    def offered(self, subscription: Subscription, known: Known) -> Iterator[Candidate]:
        """What a subscription may take, best first, each asked for when somebody wants it.

        Of a directory it is all that its pins say, of another stage all that it holds.
        """
        match subscription:
            case ImageSubscription():
                return offered(subscription, self.registry, self.choices)
            case ChartSubscription():
                return iter(self.charts.versions(subscription))
            case GitSubscription():
                return iter(self.revisions.newest(subscription, _last(subscription, known)))
            case DiskSubscription():
                return iter(self.disks.candidates(subscription))
            case CustomSubscription():
                return _posted(subscription, known)
            case PathSubscription() | StageSubscription():
                return self._held(subscription)
            case _:
                assert_never(subscription)

    def listed(self, subscription: Subscription) -> Collection[str] | None:
        """The tags that a registry lists, which discovery has asked for; None of other sources."""
        match subscription:
            case ImageSubscription(select=Selection.DIGEST):
                return None
            case ImageSubscription(repository=repository):
                return self.registry.tags(repository.plain)
            case ChartSubscription(chart=chart) if chart.in_registry:
                return self.registry.tags(repository_of(chart))
            case _:
                return None

    def exact(self, subscription: Subscription, version: str, known: Known) -> Candidate | None:
        """One version of a subscription, None if there is no such one."""
        match subscription:
            case ImageSubscription():
                return exact(subscription, version, self.registry)
            case ChartSubscription():
                return self.charts.exact(subscription, version)
            case GitSubscription():
                return self.revisions.exact(subscription, version)
            case DiskSubscription():
                return self.disks.exact(subscription, version)
            case CustomSubscription():
                every = _posted(subscription, known)
                return next((one for one in every if one.artifact.tag == version), None)
            case PathSubscription(name=name, path=path):
                raise Refusal(
                    f"'{name}' is whatever {path} holds; say no version of it, or change it there"
                )
            case StageSubscription(name=name):
                raise Refusal(
                    f"'{name}' is whatever {subscription} holds; say no version of it, or promote "
                    "it there"
                )
            case _:
                assert_never(subscription)

    def filtered(self, subscription: Subscription) -> tuple[Filtered, ...]:
        """What a subscription may not take of what is there, with the rule against each."""
        match subscription:
            case ImageSubscription():
                return left_out(subscription, self.registry)
            case ChartSubscription():
                return self.charts.filtered(subscription)
            case GitSubscription():
                return self.revisions.filtered(subscription)
            case DiskSubscription():
                return self.disks.filtered(subscription)
            case CustomSubscription() | PathSubscription() | StageSubscription():
                return ()
            case _:
                assert_never(subscription)

    def objection(self, subscription: Subscription, version: str) -> str | None:
        """The rule of the subscription that keeps a version out, None if none does."""
        match subscription:
            case ImageSubscription() | ChartSubscription() | GitSubscription():
                return rules_of(subscription).objection(version)
            case DiskSubscription():
                return disk_rules_of(subscription).objection(version)
            case CustomSubscription() | PathSubscription() | StageSubscription():
                return None
            case _:
                assert_never(subscription)

    def _held(self, subscription: TakenWhole) -> Iterator[Candidate]:
        if subscription.problems:
            raise Refusal("; ".join(subscription.problems))
        for one in subscription.holds:
            yield Candidate(self._whole(one) if isinstance(one, Held) else one)

    def _whole(self, held: Held) -> Artifact:
        """What pins say, with what only a source can add."""
        match held:
            case Held(Repository() as repository, str(tag), str(digest)):
                return Image(repository, tag, digest)
            case Held(Repository() as repository, str(tag), None):
                resolved = self.registry.resolve(repository, tag)
                if resolved is None:
                    raise Refusal(f"{repository} has no tag {tag} any more, which a pin names")
                return Image(repository, tag, resolved.digest)
            case Held(ChartName() as chart, str(tag)):
                return Chart(chart, tag)
            case Held(GitRepository() as git, str(tag)):
                return Revision(git, tag, tag if is_commit(tag) else None)
            case _:
                raise Refusal(
                    f"{held} names no version for people; write the tag beside the digest"
                )


def _last(subscription: GitSubscription, known: Known) -> Revision | None:
    artifact = known.last.artifact(subscription.repository) if known.last else None
    return artifact if isinstance(artifact, Revision) else None


def _posted(subscription: CustomSubscription, known: Known) -> Iterator[Candidate]:
    """The newest post first."""
    for post in reversed(known.arrivals.posted):
        if post.name == subscription.name:
            artifact = Custom(CustomName(post.name), post.version)
            yield Candidate(artifact, post.at, post.metadata)

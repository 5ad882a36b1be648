"""Pictures for commands that only look: of a checkout, or of a repository on GitHub."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from github_app.actions import Deploy
from github_app.bringing import with_files
from github_app.console.checkout import root_of
from github_app.github.calls import CallCounter
from github_app.github.facts import BranchFacts, RepositoryFacts
from github_app.github.host import Host
from github_app.github.mirror.git import Git
from github_app.github.mirror.mirrors import LARGEST_FILE
from github_app.github.mirror.repository import Mirror
from github_app.github.objects import MirrorObjects
from github_app.github.pull_facts import Made
from github_app.github.writing import Mutation
from github_app.ledger import BRANCH
from github_app.lines import LineReader
from github_app.links import GitHubLink, SourceLinks
from github_app.observe import Observer
from github_app.offers import Asking
from github_app.picture import Person, RepositoryPicture, Spoken
from github_app.places import Places
from github_app.ports import Done, Failed, Objects
from github_app.publishing.progress import Bar, Silent
from github_app.settings import Settings
from github_app.source_settings import SourceSettings
from github_app.surroundings import Surroundings
from github_app.warehouse.discover import SourceDiscovery
from github_app.warehouse.disk_index.completing import Waiting
from plugin.errors import Refusal


def local_picture(path: Path, around: Surroundings) -> RepositoryPicture:
    """The last commit of a checkout, as if its branch were the default branch on GitHub."""
    if not path.exists():
        raise Refusal(f"{path}: there is no such file or directory")
    root = root_of(path)
    objects = _local_objects(root, around.environ)
    with local_discovery(around) as registries:
        asking = Asking(registries, around.clock())
        observer = Observer(LocalGitHub(root.name, objects), asking, LineReader())
        try:
            picture = observer.observe(f"local/{root.name}", objects)
            if picture is not None:
                picture = with_files(picture, objects, around.clock())
        finally:
            objects.mirror.rest()
    if picture is None:
        raise Refusal(f"{root}: there is no commit yet; commit the pipeline file first")
    return picture


@contextmanager
def local_discovery(around: Surroundings) -> Iterator[SourceDiscovery]:
    """Discovery with the logins of whoever asks; what it fetches is gone afterwards."""
    settings = SourceSettings.from_env(around.environ)
    with tempfile.TemporaryDirectory(prefix="towline-watched-") as directory:
        shown = Bar(sys.stderr, around.clock) if sys.stderr.isatty() else Silent()
        checksums = partial(Waiting, progress=shown)
        links = SourceLinks.open(settings, around, Path(directory), checksums=checksums)
        yield links.seen_by(Host(), lambda _: None)


def _local_objects(root: Path, environ: Mapping[str, str]) -> MirrorObjects:
    """The checkout's own repository; raises Refusal if it is none or on no branch."""
    git = Git(root, environ)
    asked = ("-C", str(root), "--git-dir=.git")
    directory = git.run(*asked, "rev-parse", "--absolute-git-dir")
    branch = git.run(*asked, "symbolic-ref", "--quiet", "--short", "HEAD")
    if directory.status != 0:
        raise Refusal(f"{root}: is not a Git checkout; commit the pipeline file to one first")
    if branch.status != 0:
        raise Refusal(f"{root}: is on no branch; check one out, for example 'git switch main'")
    place = Path(directory.out.decode().strip())
    mirror = Mirror(Git(place, environ), CallCounter(), LARGEST_FILE)
    return LocalObjects(mirror, branch.out.decode().strip())


def uncommitted(path: Path, around: Surroundings) -> tuple[str, ...]:
    """The files of a checkout that differ from its last commit, which plans do not look at."""
    root = root_of(path)
    asked = ("-C", str(root), "--git-dir=.git", "--work-tree=.")
    ran = Git(root, around.environ).run(*asked, "status", "--porcelain", "--untracked-files=no")
    return tuple(line[3:] for line in ran.out.decode("utf-8", "replace").splitlines())


class LocalObjects(MirrorObjects):
    """A checkout's branches; those that only its origin has count too, as they do on GitHub."""

    def fetch(self) -> str | None:
        """The branches as they are now; the ledger is the origin's, nobody else writes it."""
        own, remote = self.mirror.branches(), self.mirror.branches("refs/remotes/origin/")
        self._heads = remote | own | {name: remote[name] for name in (BRANCH,) if name in remote}
        return None


def github_picture(repository: str, around: Surroundings) -> RepositoryPicture:
    """A repository on GitHub, seen with the App's own eyes; raises Refusal if it sees none."""
    settings = Settings.from_env(around.environ)
    with tempfile.TemporaryDirectory(prefix="towline-plan-") as directory:
        link = GitHubLink.open(settings, around, Path(directory, "mirrors"))
        sources = SourceLinks.open(settings.sources, around, Path(directory, "watched"))
        try:
            return _seen(repository, link, sources, around)
        finally:
            link.close()


def _seen(
    repository: str, link: GitHubLink, sources: SourceLinks, around: Surroundings
) -> RepositoryPicture:
    forge, places = link.forge, Places(link.forge)
    places.refresh()
    place = places.named(repository)
    if place is None:
        raise Refusal(
            f"{repository}: the App is not installed there; install it from its page on GitHub"
        )
    registries = sources.seen_by(forge.host, lambda name: link.key(place, places, name))

    def elsewhere(name: str) -> Objects | None:
        other = places.neighbour(place, name)
        return None if other is None else forge.objects(other)

    asking = Asking(registries, around.clock())
    observer = Observer(forge.github(place), asking, LineReader(), elsewhere=elsewhere)
    objects = forge.objects(place)
    picture = observer.observe(place.repository, objects)
    if picture is None:
        raise Refusal(f"{repository}: the repository is empty")
    return with_files(picture, objects, around.clock())


@dataclass(frozen=True, slots=True)
class LocalGitHub:
    """A checkout's answer to what GitHub is asked: branches and ledger, no pull requests."""

    name: str
    objects: MirrorObjects

    def look(
        self,
        repository: str,
        branches: Sequence[str],
        heads: Sequence[str],
        people: Sequence[str] = (),
    ) -> RepositoryFacts | None:
        """The checkout's branches; `heads` have no pull requests here, and `people` no ids."""
        del heads, people
        default = self.objects.branch(self.objects.default_branch())
        if default is None:
            return None
        tips = {one: self.objects.branch(one) for one in branches}
        ledger = self.objects.branch(BRANCH)
        return RepositoryFacts(
            node="",
            name=repository,
            url="",
            default_branch=self.objects.default_branch(),
            default_oid=default,
            default_check=None,
            ledger=(Made(ledger, True, ""),) if ledger else (),
            heads={},
            # What GitHub protects no checkout knows, so nobody is warned of it here.
            branches={
                one: BranchFacts(tip, (), (), protected=True) for one, tip in tips.items() if tip
            },
            open=(),
            last={},
            merge_method="MERGE",
            labels={},
        )

    def comments(self, repository: str, ids: Sequence[str]) -> Sequence[Spoken]:
        """Nobody comments on a checkout."""
        del repository, ids
        return ()

    def people(
        self, repository: str, logins: Sequence[str], *, teams: bool
    ) -> Mapping[str, Person]:
        """Nobody commands a checkout."""
        del repository, logins, teams
        return {}

    def write(self, mutations: Sequence[Mutation]) -> Sequence[Done | Failed]:
        """Nothing is ever written by looking."""
        raise AssertionError(f"a dry run wrote {len(mutations)} mutations")

    def deploy(self, repository: str, deploy: Deploy) -> Done | Failed:
        """Nothing is ever written by looking."""
        raise AssertionError(f"a dry run deployed {deploy.oid} of {repository}")

    def root_commit(self, repository: str, message: str, files: Mapping[str, str]) -> str:
        """Nothing is ever written by looking."""
        raise AssertionError(f"a dry run made '{message}' in {repository} with {len(files)} files")

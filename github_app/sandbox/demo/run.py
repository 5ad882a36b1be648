"""The demo from its first line to its last: set up, tell, let a person look, put away."""

from __future__ import annotations

import shlex
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from github_app.github.mirror.git import Git, check_version
from github_app.sandbox.demo.checkout import Checkout
from github_app.sandbox.demo.gitops import NAME, PERSON, REPOSITORY, Scenario
from github_app.sandbox.demo.place import directory
from github_app.sandbox.demo.posting import post_line
from github_app.sandbox.demo.programs import Programs
from github_app.sandbox.demo.report import Report
from github_app.sandbox.demo.screen import Screen
from github_app.sandbox.demo.servers import SLUG, Plot, Servers, running
from github_app.sandbox.demo.story import Story
from github_app.sandbox.demo.waiting import Patience
from github_app.sandbox.demo.watching import Watch
from github_app.surroundings import Surroundings
from plugin.errors import Refusal
from plugin.kustomize.build import Kustomize
from plugin.render import Renderer

_LIMIT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for; `command` is how a person calls towline, for the hints."""

    once: bool = False
    report: Path | None = None
    directory: Path | None = None
    port: int = 0
    command: str = "towline"
    limit: timedelta = _LIMIT
    scenario: Scenario = Scenario.PINS


@dataclass(slots=True)
class Demo:
    """One run of the demo."""

    wish: Wish
    programs: Programs
    around: Surroundings
    screen: Screen
    stop: threading.Event

    def run(self) -> Report:
        """The whole of it; raises Refusal with the reason when the story breaks off.

        Raises KeyboardInterrupt when `stop` is set before the story has ended. The report is
        written in any case, as far as it goes.
        """
        began = self.around.clock()
        report = Report(scenario=self.wish.scenario)
        try:
            with directory(self.wish.directory) as place:
                check_version(Git(place, self.around.environ))
                plot = Plot(
                    place, self.programs.registry, self.wish.port, scenario=self.wish.scenario
                )
                with running(plot, self.around) as servers:
                    report.seconds["start"] = self._since(began)
                    self._introduce(servers, plot)
                    checkout = self._told(servers, plot, report)
                    report.seconds["total"] = self._since(began)
                    self._conclude(report)
                    if not self.wish.once:
                        self._stay(servers, plot, checkout)
        finally:
            self.screen.clear()
            report.seconds.setdefault("total", self._since(began))
            if self.wish.report is not None:
                report.write(self.wish.report)
        return report

    def _told(self, servers: Servers, plot: Plot, report: Report) -> Checkout:
        """The checkout the stages were rendered from."""
        root = plot.directory / NAME
        git = Git(root / ".git", self.around.environ)
        renderer = Renderer(Kustomize(self.programs.kustomize), servers.stand_in.url)
        checkout = Checkout.clone(root, git, servers.git, renderer)
        patience = Patience(self.around.clock, self.stop, self.wish.limit, plot.log)
        self.screen.heading("The story")
        Story(
            servers,
            checkout,
            patience,
            self.screen,
            self.around.clock,
            links=not self.wish.once,
            report=report,
        ).tell()
        return checkout

    def _introduce(self, servers: Servers, plot: Plot) -> None:
        self.screen.heading("Towline: freight pulled through your stages by pull requests")
        if self.wish.scenario is Scenario.RECORD:
            self.screen.say(
                "  write: record. No file has a version: the plugin applies each stage's record."
            )
        self.screen.pairs(
            {
                "GitHub stand-in": f"{servers.stand_in.url}/{REPOSITORY}",
                "registry": f"{servers.registry.url}/v2/",
                "App": f"{servers.app.server.url}/metrics",
                "App's log": str(plot.log),
            }
        )

    def _conclude(self, report: Report) -> None:
        """The last word; raises Refusal if a stage does not render what was pushed last."""
        shortcomings = report.shortcomings()
        if shortcomings:
            raise Refusal("\n".join(shortcomings))
        calls = report.calls
        tags = report.freight.tags() if report.freight else ""
        self.screen.say("")
        self.screen.say(
            f"  Every stage runs {tags}: {report.pull_requests} pull requests in "
            f"{report.seconds['total']:.1f} seconds."
        )
        self.screen.say(
            f"  GitHub was asked {calls.rest + calls.graphql} times "
            f"({calls.graphql} GraphQL, {calls.rest} REST), and fetched from {calls.git} times."
        )

    def _stay(self, servers: Servers, plot: Plot, checkout: Checkout) -> None:
        """Let a person look and try until `stop`."""
        web = servers.stand_in.url
        self.screen.heading("Look around")
        self.screen.pairs(
            {
                "pull requests": f"{web}/{REPOSITORY}/pulls",
                "repository": f"{web}/{REPOSITORY}",
                "webhooks sent": f"{web}/settings/apps/{SLUG}/advanced",
                "App's metrics": f"{servers.app.server.url}/metrics",
                "App's log": str(plot.log),
            }
        )
        towline, place = self.wish.command, shlex.quote(str(checkout.root))
        self.screen.heading("Try in another terminal")
        self.screen.pairs(
            {
                "push a version": f"{towline} demo push 1.2.0 --to {servers.image}",
                "post it, as CI would": post_line(
                    servers.app.server.url, servers.post_secret, servers.image, "1.2.0"
                ),
                "bring the checkout up to date": f"git -C {place} pull",
                "see what is waited for": f"{towline} plan {place}",
                "render a stage": f"{towline} render prod --path {place}",
            }
        )
        self.screen.say("")
        self.screen.say(
            f"  A version that is pushed goes to dev by itself; on the pull request to staging, "
            f"press Merge as {PERSON}."
        )
        self.screen.say(
            "  Its checks show what merging changes in the cluster; comment '/towline status' "
            "on it, or '/towline hold' and '/towline resume'."
        )
        self.screen.say("  Ctrl-C ends everything.")
        self.screen.say("")
        Watch(servers, self.screen, self.around.clock, self.stop).run()
        self.screen.say("  Stopping.")

    def _since(self, began: datetime) -> float:
        return (self.around.clock() - began).total_seconds()

"""What was sent to an App: every webhook with its answer, and the button that sends it again."""

from __future__ import annotations

import json

from werkzeug.wrappers import Response

from github_app.sandbox.pages.desk import Desk
from github_app.sandbox.refused import not_found
from github_app.sandbox.state import App, Delivery


class DeliveryPages:
    """Views; each takes the App's slug out of the address."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stand_in = desk.stand_in

    def everything(self, slug: str) -> str:
        """Every delivery, newest first."""
        app = self._app(slug)
        newest = sorted(self._stand_in.deliveries(slug), key=lambda one: one.id, reverse=True)
        return self._desk.page("deliveries.html", app=app, deliveries=newest)

    def one(self, slug: str, number: int) -> str:
        """One delivery: headers, payload, answer."""
        app, delivery = self._app(slug), self._delivery(slug, number)
        return self._desk.page(
            "delivery.html", app=app, delivery=delivery, payload=_pretty(delivery)
        )

    def again(self, slug: str, number: int) -> Response:
        """The *Redeliver* button."""
        self._desk.demand_form()
        self._stand_in.redeliver(slug, self._delivery(slug, number).id)
        return self._desk.back("everything", slug=slug)

    def _app(self, slug: str) -> App:
        found = next((app for app in self._stand_in.apps() if app.slug == slug), None)
        if found is None:
            raise not_found()
        return found

    def _delivery(self, slug: str, number: int) -> Delivery:
        found = next((one for one in self._stand_in.deliveries(slug) if one.id == number), None)
        if found is None:
            raise not_found()
        return found


def _pretty(delivery: Delivery) -> str:
    return json.dumps(json.loads(delivery.request_body), indent=2, ensure_ascii=False)

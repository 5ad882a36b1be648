"""Indexes of Helm chart repositories over HTTP: one conditional request each, if nothing is new."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import requests

from github_app.guarded_http.client import Bound, GuardedHttp, check_busy
from github_app.guarded_http.reach import Reach
from github_app.remembering import Remembered
from github_app.warehouse.charts_index import Listed, listed
from github_app.warehouse.ports import Login, Logins
from github_app.warehouse.registry_login import password
from plugin.artifact import ChartName, Repository
from plugin.errors import Refusal

LARGEST = 64 * 1024 * 1024
"""Bytes of an index that are read, unpacked; Bitnami's, the largest known, has about 25 MB."""
_KEPT = 64 * 1024 * 1024
_VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


@dataclass(frozen=True, slots=True)
class _Index:
    """An index as last read, packed, with what asks whether it is still the same one."""

    packed: bytes
    conditions: Mapping[str, str]
    charts: Mapping[str, tuple[Listed, ...]]


class ChartIndexes:
    """Chart repositories as https://helm.sh/docs/topics/chart_repository/ describes them.

    Plain HTTP is spoken only to loopback addresses and to the hosts in `insecure`. With a `clock` a
    host that is busy is left alone as long as it asks. Any thread may ask.
    """

    def __init__(
        self,
        session: requests.Session,
        logins: Logins,
        insecure: frozenset[str] = frozenset(),
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._http = GuardedHttp(session, Reach(insecure), clock)
        self._logins = logins
        self._lock = threading.Lock()
        self._indexes: Remembered[str, _Index] = Remembered(_KEPT)

    def versions(self, chart: ChartName) -> tuple[Listed, ...]:
        """Every version of the chart, in the index's order.

        Raises Refusal (no such chart or index, no rights, an index that cannot be read) and
        Temporary.
        """
        url = f"{chart.repository}/index.yaml"
        known = self._known(url)
        index = self._asked(url, known)
        if index is not known or chart.name not in index.charts:
            index = self._read(url, index, {chart.name, *(known.charts if known else ())})
        if not index.charts[chart.name]:
            raise Refusal(f"{url} lists no chart '{chart.name}'")
        return index.charts[chart.name]

    def _known(self, url: str) -> _Index | None:
        with self._lock:
            if url not in self._indexes:
                return None
            return self._indexes[url]

    def _read(self, url: str, index: _Index, names: set[str]) -> _Index:
        """The index with the versions of these charts; those that are not there have none."""
        try:
            found = listed(zlib.decompress(index.packed), names)
        except Refusal as refusal:
            raise Refusal(f"{url} cannot be read: {refusal}") from refusal
        charts = {name: found.get(name, ()) for name in names}
        read = _Index(index.packed, index.conditions, charts)
        with self._lock:
            return self._indexes.keep(url, read, len(read.packed))

    def _asked(self, url: str, known: _Index | None) -> _Index:
        """What stands at `url` now: the index that is known, if it is still the same."""
        login = self._login(url)
        conditions = dict(known.conditions) if known else {}
        ask = requests.Request("GET", url, conditions, auth=password(login) if login else None)
        with self._http.open(ask) as got:
            return self._answer(url, got, known, login)

    def _answer(
        self, url: str, got: requests.Response, known: _Index | None, login: Login | None
    ) -> _Index:
        if got.status_code == 304 and known is not None:
            return known
        if got.status_code == 200:
            packed = self._packed(got)
            if known is not None and packed == known.packed:
                return known
            said = ((asks, got.headers.get(name)) for name, asks in _VALIDATORS.items())
            return _Index(packed, {asks: value for asks, value in said if value}, {})
        check_busy(got.status_code, got.headers, url)
        raise _refusal(url, got.status_code, login)

    def _login(self, url: str) -> Login | None:
        """The login for the address, as Docker keeps logins for hosts and the paths below."""
        parts = urlsplit(url)
        try:
            place = Repository(parts.netloc, parts.path.strip("/").lower())
        except Refusal:
            place = Repository(parts.netloc, "index.yaml")
        return self._logins(place)

    def _packed(self, got: requests.Response) -> bytes:
        """The body, read as a stream and kept packed: indexes shrink to a tenth."""
        bound = Bound(LARGEST, f"is larger than {LARGEST >> 20} MiB: too large for an index")
        packer = zlib.compressobj(1)
        return b"".join([*map(packer.compress, self._http.pieces(got, bound)), packer.flush()])


def _refusal(url: str, status: int, login: Login | None) -> Refusal:
    host = urlsplit(url).netloc
    if status in {401, 403}:
        who = f"the login '{login.user}'" if login else "anybody without a login"
        return Refusal(f"{host} does not show {url} to {who}: give Towline a login for {host}")
    if status == 404:
        return Refusal(f"{url} is not there: is the chart repository's address right?")
    return Refusal(f"{host} answers {status} for {url}")

"""Indexes of Helm chart repositories over HTTP: one conditional request each, if nothing is new."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import HTTPBasicAuth

from github_app.remembering import Remembered
from github_app.unanswered import why
from github_app.warehouse.charts_index import Listed, listed
from github_app.warehouse.ports import Login, Logins
from github_app.warehouse.reach import Reach
from github_app.warehouse.registry_limits import retry_after
from github_app.warehouse.registry_login import Nobody
from plugin.artifact import ChartName, Repository
from plugin.errors import Refusal, Temporary

LARGEST = 64 * 1024 * 1024
"""Bytes of an index that are read, unpacked; Bitnami's, the largest known, has about 25 MB."""
_KEPT = 64 * 1024 * 1024
_TIMEOUT = (5, 20)
_REDIRECTS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})
_LAID_ASIDE = "Towline-Location"
_BUSY = timedelta(seconds=30)
_VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


@dataclass(frozen=True, slots=True)
class _Index:
    """An index as last read, packed, with what asks whether it is still the same one."""

    packed: bytes
    conditions: Mapping[str, str]
    charts: Mapping[str, tuple[Listed, ...]]


class ChartIndexes:
    """Chart repositories as https://helm.sh/docs/topics/chart_repository/ describes them.

    Plain HTTP is spoken only to loopback addresses and to the hosts in `insecure`. Any thread may
    ask.
    """

    def __init__(
        self, session: requests.Session, logins: Logins, insecure: frozenset[str] = frozenset()
    ) -> None:
        self._session = session
        self._logins = logins
        self._reach = Reach(insecure)
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
        host = urlsplit(url).netloc
        if not url.startswith("https://") and not self._reach.is_plain(host):
            raise Refusal(
                f"{url} is not read without encryption: use https, or name {host} in "
                "TOWLINE_INSECURE_REGISTRIES"
            )
        place = url
        for _ in range(_REDIRECTS + 1):
            found = self._once(url, place, known)
            if not isinstance(found, str):
                return found
            place = _joined(place, found)
            self._reach.check(host, place)
        raise Refusal(f"{url} sends us from one address to the next: enter the last one")

    def _once(self, url: str, place: str, known: _Index | None) -> _Index | str:
        """The index, or where it is said to be instead."""
        login = self._login(url) if urlsplit(place)[:2] == urlsplit(url)[:2] else None
        headers = dict(known.conditions) if known else {}
        try:
            with self._session.get(
                place,
                headers=headers,
                auth=HTTPBasicAuth(login.user, login.password) if login else Nobody(),
                timeout=_TIMEOUT,
                stream=True,
                allow_redirects=False,
                hooks={"response": _lay_aside},
            ) as got:
                if got.status_code in _MOVED and _LAID_ASIDE in got.headers:
                    return got.headers[_LAID_ASIDE]
                return self._answer(url, got, known, login)
        except requests.exceptions.SSLError as error:
            raise Refusal(f"the certificate of {urlsplit(place).netloc} is not trusted") from error
        except requests.RequestException as error:
            host = urlsplit(place).netloc
            raise Temporary(f"{host} does not answer: {why(error, *_TIMEOUT)}", _BUSY) from error

    def _answer(
        self, url: str, got: requests.Response, known: _Index | None, login: Login | None
    ) -> _Index:
        if got.status_code == 304 and known is not None:
            return known
        if got.status_code == 200:
            packed = _packed(url, got)
            if known is not None and packed == known.packed:
                return known
            said = ((asks, got.headers.get(name)) for name, asks in _VALIDATORS.items())
            return _Index(packed, {asks: value for asks, value in said if value}, {})
        raise _failure(url, got, login)

    def _login(self, url: str) -> Login | None:
        """The login for the address, as Docker keeps logins for hosts and the paths below."""
        parts = urlsplit(url)
        try:
            place = Repository(parts.netloc, parts.path.strip("/").lower())
        except Refusal:
            place = Repository(parts.netloc, "index.yaml")
        return self._logins(place)


def _lay_aside(got: requests.Response, **_: object) -> None:
    """Let nobody but us see where a redirect leads.

    Even where it is not to follow, `requests` reads the whole body and parses the address.
    """
    location = got.headers.pop("Location", None)
    if location is not None:
        got.headers[_LAID_ASIDE] = location


def _joined(place: str, location: str) -> str:
    """Where a redirect leads; raises Refusal when that is nowhere."""
    try:
        following = urljoin(place, location)
        urlsplit(following).port  # noqa: B018 only asked for says whether it is a number
    except ValueError:
        raise Refusal(f"{place} sends us to '{location[:200]}', which is no address") from None
    return following


def _packed(url: str, got: requests.Response) -> bytes:
    """The body, read as a stream and kept packed: indexes shrink to a tenth."""
    packer, size = zlib.compressobj(1), 0
    parts: list[bytes] = []
    for chunk in got.iter_content(256 * 1024):
        size += len(chunk)
        if size > LARGEST:
            raise Refusal(f"{url} is larger than {LARGEST >> 20} MiB: too large for an index")
        parts.append(packer.compress(chunk))
    return b"".join((*parts, packer.flush()))


def _failure(url: str, got: requests.Response, login: Login | None) -> Refusal | Temporary:
    host, status = urlsplit(url).netloc, got.status_code
    if status == 429 or status >= 500:
        return Temporary(f"{host} answers {status} for {url}", retry_after(got.headers))
    if status in {401, 403}:
        who = f"the login '{login.user}'" if login else "anybody without a login"
        return Refusal(f"{host} does not show {url} to {who}: give Towline a login for {host}")
    if status == 404:
        return Refusal(f"{url} is not there: is the chart repository's address right?")
    return Refusal(f"{host} answers {status} for {url}")

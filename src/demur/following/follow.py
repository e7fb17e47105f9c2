"""A store followed until somebody interrupts it: alarms told as they come, to whoever asked for them, and the dashboard served."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from demur.following.alarm_log import AlarmLog
from demur.following.follower import Follower, OnAlarms, name_store, open_follower
from demur.following.pages import dashboard_routes, make_alone
from demur.serving.running import check_server, listen
from demur.serving.running import running as served
from demur.watch import DriftSettings
from demur.watch.live import Raised
from demur.watch.live.metrics import Figures, read_figures
from demur.watch.live.webhook import Webhook, parse_webhook

if TYPE_CHECKING:
    from starlette.routing import Route

__all__ = ["Following", "each_once", "follow_store", "following"]

_HOST = "127.0.0.1"
"""The dashboard shows what people wrote: alone it is for this machine, and for others behind the gateway's sign-in."""
_END_S = 30.0


class Following:
    """A follower at work in a thread of its own.

    Args:
        follower: of the store.
        webhook: that alarms are posted to, if any.
        on_alarms: told of alarms, in the follower's thread.
        on_error: told why it ends by itself, if it does.
    """

    def __init__(
        self,
        follower: Follower,
        webhook: Webhook | None,
        on_alarms: Sequence[OnAlarms],
        *,
        on_error: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        self.follower, self.webhook = follower, webhook
        self.error: Exception | None = None
        """Why it ended by itself; None where it has not."""
        self.ended = threading.Event()
        self._stop = threading.Event()
        self._on_alarms, self._on_error = on_alarms, on_error
        self._thread = threading.Thread(target=self._run, name="demur-watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        if self.webhook is not None:
            self.webhook.start()
        self._thread.start()

    def close(self) -> None:
        """End, with what is known saved."""
        self._stop.set()
        self._thread.join(_END_S)
        if self.webhook is not None:
            self.webhook.close()

    def _run(self) -> None:
        try:
            self.follower.run(self._stop, self._on_alarms)
        except Exception as error:  # noqa: BLE001 -- raised again by whoever waits
            self.error = error
            self._on_error(error)
        self.ended.set()

    def routes(self) -> "list[Route]":
        """Give the dashboard's pages, to be put behind somebody's door."""
        return dashboard_routes(self.follower, where=name_store(self.follower.store))

    def read_figures(self) -> Figures:
        """Give what Prometheus is shown."""
        return self.follower.look(read_figures)


@contextmanager
def following(
    store: str,
    *,
    work: Path,
    settings: DriftSettings | None = None,
    out: Path | None = None,
    webhook: str | None = None,
    on_alarms: Sequence[OnAlarms] = (),
    on_error: Callable[[Exception], None] | None = None,
    is_guest: bool = False,
) -> Iterator[Following]:
    """Follow a store while the block runs.

    Arguments and errors are those of `follow_store`, `Following` and `Follower`. Why it ended by itself is raised at the end of the
    block, unless somebody was told.
    """
    url = None if webhook is None else parse_webhook(webhook)
    with open_follower(store, work, settings=settings, is_guest=is_guest) as follower:
        told = list(on_alarms)
        hook = None
        if out is not None:
            told.append(AlarmLog(out, follower.watch.raised).tell)
        if url is not None:
            hook = Webhook(url, work / "webhook.json")
            told.append(hook.tell)
        running = Following(follower, hook, told, on_error=on_error or (lambda _: None))
        running.start()
        try:
            yield running
        finally:
            running.close()
        if running.error is not None and on_error is None:
            raise running.error


def follow_store(
    store: str,
    *,
    work: Path,
    settings: DriftSettings | None = None,
    out: Path | None = None,
    webhook: str | None = None,
    port: int | None = None,
    on_alarm: Callable[[Raised], None] = lambda _: None,
    on_ready: Callable[[int, str | None], None] = lambda *_: None,
) -> None:
    """Follow until interrupted.

    Args:
        store: of a gateway's events, as of `demur.guard.audit.read_events`.
        work: folder for what is known; a watch goes on from what an earlier one left there.
        settings: of the search for changes, of a watch that begins.
        out: file for the alarms, as lines of JSON.
        webhook: URL that each alarm is posted to.
        port: of this machine, at which the dashboard is served; nowhere if None.
        on_alarm: told of each alarm that comes.
        on_ready: told, when it begins, how many exchanges were taken in before, and where the dashboard is.

    Raises:
        DataError: there is no such store, or the folder is of another. UsageError: the folder, the file or the URL cannot be used.
        MissingExtraError: a library is not installed. IncompleteError: the port cannot be had, or something cannot be written.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        with (
            following(
                store, work=work, settings=settings, out=out, webhook=webhook, on_alarms=[each_once(on_alarm)]
            ) as running,
            nullcontext(None) if port is None else _dashboard(running, port) as address,
        ):
            on_ready(running.follower.look(lambda watch: watch.n), address)
            running.ended.wait()
    except KeyboardInterrupt:
        return


def each_once(on_alarm: Callable[[Raised], None]) -> OnAlarms:
    """Give what tells of each alarm once; those of an earlier run, which come first, are known."""
    n_told: int | None = None

    def tell(raised: Sequence[Raised]) -> None:
        nonlocal n_told
        for one in raised[len(raised) if n_told is None else n_told :]:
            on_alarm(one)
        n_told = len(raised)

    return tell


@contextmanager
def _dashboard(running: Following, port: int) -> Iterator[str]:
    check_server()
    app = make_alone(running.follower, running.webhook)
    with listen((_HOST, port)) as listener, served(app, listener) as address:
        yield address

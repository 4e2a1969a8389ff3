"""Who tells the user how a run goes: this process, or the controller for its workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_vlmperception.callers import Announcing
from pytest_vlmperception.calling import Ledger, Renewer
from pytest_vlmperception.letters import Inbox, Outbox
from pytest_vlmperception.models import create, create_image
from pytest_vlmperception.models.prices import Price
from pytest_vlmperception.options import settings_of
from pytest_vlmperception.runs import RunId
from pytest_vlmperception.screen import WATCHED, Screen, watched
from pytest_vlmperception.session import model_specs, price_overrides
from pytest_vlmperception.watching import EVERY_S, Announcer, Controller, Watch

__all__ = ["Telling", "tell_for_workers", "telling_of"]

SCREEN = "vlmperception-screen"
CONTROLLER = "vlmperception-controller"


@dataclass(frozen=True)
class Telling:
    """How the process that asks tells the user about it.

    Attributes
    ----------
    announcing : Announcing or None
        Announces the first call to a model; None where there is nobody to announce it to.
    watching : Renewer or None
        Tells from time to time how far the run is; None where nobody watches.
    """

    announcing: Announcing | None
    watching: Renewer | None

    def start(self) -> None:
        """Begin to tell how far the run is."""
        if self.watching is not None:
            self.watching.start()

    def close(self) -> None:
        """Tell no more."""
        if self.watching is not None:
            self.watching.close()


def telling_of(config: pytest.Config, run_id: RunId, ledger: Ledger, overrides: Mapping[str, Price]) -> Telling:
    """Return how this process tells what its ledger hears."""
    sent = getattr(config, "workerinput", None)
    if sent is not None:
        outbox = Outbox(Path(run_id.folder), sent["workerid"])
        return Telling(outbox, listener(ledger, lambda: outbox.tell(ledger.heard())) if sent.get(WATCHED) else None)
    screen = screen_of(config)
    if screen is None:
        return Telling(None, None)
    announcer = Announcer(screen, overrides)
    if not watched(config):
        return Telling(announcer, None)
    watch = Watch(screen, lambda: [("", ledger.heard())], overrides)
    return Telling(announcer, listener(ledger, watch.look))


def listener(ledger: Ledger, tell: Any) -> Renewer:
    """Return what tells from time to time what a ledger hears from now on."""
    ledger.listen()
    return Renewer(tell, EVERY_S)


def tell_for_workers(config: pytest.Config, run_id: RunId) -> None:
    """Begin to tell, in the controller, what the workers ask; once."""
    if not config.pluginmanager.has_plugin(CONTROLLER):
        controller = controller_of(config, run_id)
        config.pluginmanager.register(controller, CONTROLLER)
        controller.start()


def controller_of(config: pytest.Config, run_id: RunId) -> Controller:
    """Make what tells on the controller's terminal what the workers ask."""
    inbox, screen = Inbox(Path(run_id.folder)), screen_of(config)
    if screen is None:
        return Controller(inbox, None, None)
    overrides = price_overrides(config)
    announcer = Announcer(screen, overrides)
    settings = settings_of(config)
    for spec in model_specs(config, settings.all_models, run_id.trusted).values():
        announcer.expect(create(spec).identity)
    for spec in model_specs(config, settings.named_image_models, run_id.trusted, images=True).values():
        announcer.expect(create_image(spec).identity)
    watch = Watch(screen, inbox.events, overrides) if watched(config) else None
    return Controller(inbox, announcer, watch)


def screen_of(config: pytest.Config) -> Screen | None:
    """Return what writes beside pytest, registered at first use; None where pytest writes nothing."""
    screen: Screen | None = config.pluginmanager.get_plugin(SCREEN)
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if screen is not None or reporter is None:
        return screen
    capture: Any = config.pluginmanager.get_plugin("capturemanager")
    if capture is None:
        screen = Screen(reporter)
    else:
        with capture.global_and_fixture_disabled():
            screen = Screen(reporter)
    config.pluginmanager.register(screen, SCREEN)
    return screen

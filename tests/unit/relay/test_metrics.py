"""What Prometheus may know: numbers with labels of a fixed list, and nothing else."""

import os
import secrets
import signal
import socket

import httpx2
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from relay_clients import Caller, Planes, TestAccount, mailbox_path
from relay_process import RelayProcess, RelayThread, free_port, quick_config, quiet_log

from privity.errors import UsageError
from privity.identity.ids import id_to_text
from privity.relay.config_sources import read_config
from privity.relay.ops.events import Event
from privity.relay.ops.metrics import (
    LABELS,
    Counted,
    Counts,
    counting_log,
    serve_metrics,
)
from privity.wire import http as bodies

LISTEN = "127.0.0.1:0"


class CountedRelay(RelayThread):
    """A relay in a thread whose answers and connections are counted."""

    def __init__(self, data):
        super().__init__(data)
        self.counts = Counts()

    def wrap(self, app):
        self.stores = app.stores
        return Counted(app, self.counts)


@pytest.fixture
def scrape(tmp_path):
    """A relay, and what its metrics say when asked: text and samples."""
    with CountedRelay(tmp_path / "relay") as relay:
        server = relay._server
        relay.counts.open_now = lambda: len(server.server_state.connections)
        serving = serve_metrics(LISTEN, relay.data, relay.counts, relay.stores)
        with serving as port:

            def ask():
                text = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
                families = list(text_string_to_metric_families(text))
                return text, [one for family in families for one in family.samples]

            yield relay, ask


def value(samples, name, **labels):
    (found,) = [
        one.value for one in samples if (one.name, one.labels) == (name, labels)
    ]
    return found


async def test_no_label_has_a_value_that_is_not_listed(scrape):
    relay, ask = scrape
    ana = TestAccount.new()
    async with httpx2.AsyncClient(base_url=relay.url, trust_env=False) as client:
        caller, planes = Caller(client), Planes(relay.url)
        await caller.register(ana, handle="ana-of-the-metrics")
        await planes.log_in(ana)
        mail = bodies.PostMessage(
            lane="contacts",
            body=bytes(8_192),
            idem=secrets.token_bytes(16),
            mailbox_key=ana.mailbox_key,
        )
        await caller.call("POST", mailbox_path(ana.device), mail)
        await client.get("/v1/handles/nobody-of-the-metrics")
        await client.get("/a-path-of-the-metrics")
        text, samples = ask()
        await planes.close()
    assert len(samples) > 30
    for sample in samples:
        assert set(sample.labels) <= set(LABELS), sample
        for label, said in sample.labels.items():
            assert said in LABELS[label], sample
    ids = (ana.account_id, ana.device.device_id, ana.device.mailbox_id)
    for secret in (
        "of-the-metrics",
        "127.0.0.1",
        str(relay.port),
        *map(id_to_text, ids),
        *(one.hex() for one in ids),
    ):
        assert secret not in text
    assert value(samples, "privity_connections_open") >= 1
    assert value(samples, "privity_answers_total", status="4xx") == 2
    assert value(samples, "privity_steps_total", side="accounts") >= 3
    assert value(samples, "privity_failures_total", side="logs") == 0
    assert value(samples, "privity_database_bytes", side="logs") > 0


async def test_a_connection_that_ended_is_not_open(scrape):
    relay, ask = scrape
    planes = Planes(relay.url)
    await planes.open()
    await planes.close()
    relay.stop()
    _, samples = ask()
    assert value(samples, "privity_connections_total", plane="identified") == 1
    assert value(samples, "privity_connections_open") == 0


def test_events_of_the_log_are_counted():
    counts = Counts()
    with quiet_log() as log:
        counting_log(log, counts)(Event.SWEEP_FAILED, error=ValueError)
    assert counts.events[Event.SWEEP_FAILED] == 1
    assert sum(counts.events.values()) == 1


def test_a_place_that_is_taken_is_refused_by_name(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        serving = serve_metrics(place, tmp_path, Counts(), {})
        with pytest.raises(UsageError, match=f"cannot listen on {place}"), serving:
            pass


def test_a_place_that_is_none_is_refused():
    with pytest.raises(UsageError, match=r"metrics\.listen is address:port"):
        read_config('[metrics]\nlisten = "here"\n', {})


def test_nobody_is_told_anything_unless_the_settings_say_so():
    assert msgspec.to_builtins(quick_config())["metrics"] == {"listen": ""}


def test_a_process_tells_its_metrics_and_outlives_a_hangup(tmp_path):
    place = f"127.0.0.1:{free_port()}"
    with RelayProcess(tmp_path / "relay", {"METRICS__LISTEN": place}) as relay:
        os.kill(relay.pid, signal.SIGHUP)
        text = httpx2.get(f"http://{place}/metrics").text
        assert relay.stop() == 0
    assert 'privity_events_total{event="started"} 1.0' in text
    assert "process_resident_memory_bytes" in text

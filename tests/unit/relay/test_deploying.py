"""The files in `deploy`: what they say is what the program takes."""

import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from relay_process import RelayProcess

from privity.errors import UsageError
from privity.relay.config import Config, render_config
from privity.relay.config_sources import read_config

DEPLOY = Path(__file__).parents[3] / "deploy"
COMPOSE_FILES = sorted(DEPLOY.glob("compose*.yaml"))
UNIT = (DEPLOY / "privity-relay.service").read_text()


def lines_of(unit, name):
    return re.findall(rf"^{name}=(.*)$", unit, re.MULTILINE)


def test_the_command_line_of_the_unit_serves_and_ends_well(tmp_path):
    relay = RelayProcess(tmp_path / "data")
    relay._init()
    (line,) = lines_of(UNIT, "ExecStart")
    program, option, data, *rest = shlex.split(line)
    assert (program, option) == ("/opt/privity/bin/privity-relay", "--data")
    assert Path(data).name in lines_of(UNIT, "StateDirectory")
    command = [sys.executable, "-m", "privity.relay", option, str(relay.data), *rest]
    with subprocess.Popen(
        command, env=relay._environment(), stdout=subprocess.PIPE, text=True
    ) as serving:
        assert serving.stdout.readline() == f"ready {relay.url}\n"
        for kill in lines_of(UNIT, "ExecReload"):
            assert kill == "/bin/kill -HUP $MAINPID"
            serving.send_signal(signal.SIGHUP)
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(30) == 0


def test_the_unit_restarts_nothing_that_a_restart_does_not_mend():
    assert lines_of(UNIT, "Restart") == ["on-failure"]
    assert lines_of(UNIT, "RestartPreventExitStatus") == ["1 2"]


COMPOSED = {path.name: yaml.safe_load(path.read_text()) for path in COMPOSE_FILES}
of_each_file = pytest.mark.parametrize("composed", COMPOSED.values(), ids=COMPOSED)


def relays_of(composed):
    services = composed["services"]
    return {name: it for name, it in services.items() if name.startswith("relay")}


@of_each_file
def test_config_check_takes_the_settings_of_every_relay_of_a_compose_file(
    composed, tmp_path
):
    (tmp_path / "relay.toml").write_text(render_config(Config(host="chat.example")))
    settings = [relay["environment"] for relay in relays_of(composed).values()]
    for wanted in {tuple(sorted(one.items())) for one in settings}:
        given = {name: re.sub(r"\$\{\w+:\?\}", "secret", it) for name, it in wanted}
        done = subprocess.run(
            [sys.executable, "-m", "privity.relay", "--data", str(tmp_path),
             "config", "check"],
            env={"PYTHONPATH": str(DEPLOY.parent / "src"), **given},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        misspelt = {**given, "PRIVITY_RELAY__DB__ULR": "x"}
        with pytest.raises(UsageError):
            read_config("", misspelt)


@of_each_file
def test_what_a_compose_file_names_is_there(composed):
    volumes, networks = composed["volumes"], composed.get("networks", {})
    for service in composed["services"].values():
        for mounted in service.get("volumes", []):
            source = mounted.partition(":")[0]
            is_file = source.startswith("./")
            assert (DEPLOY / source).is_file() if is_file else source in volumes
        assert set(service.get("networks", [])) <= set(networks)
        assert set(service.get("depends_on", {})) <= set(composed["services"])


@of_each_file
def test_every_relay_of_a_compose_file_has_no_rights_and_a_volume_of_its_own(composed):
    relays = relays_of(composed).values()
    data = [it for relay in relays for it in relay["volumes"] if it.endswith(":/data")]
    assert len(data) == len(set(data)) == len(relays)
    for relay in relays:
        assert relay["cap_drop"] == ["ALL"]
        assert relay["read_only"] is True
        assert "no-new-privileges:true" in relay["security_opt"]


def test_many_relays_share_everything_else_and_one_web_server_knows_them_all():
    text = (DEPLOY / "compose.scale.yaml").read_text()
    relays = relays_of(COMPOSED["compose.scale.yaml"])
    assert len(relays) == 3
    assert len({str(relay["environment"]) for relay in relays.values()}) == 1
    caddy = (DEPLOY / "Caddyfile.scale").read_text()
    (made,) = re.findall(r"--uds (\S+)", text)
    for number in (1, 2, 3):
        assert f"unix/{made.replace('$n', str(number))}" in caddy
    places = COMPOSED["compose.scale.yaml"]["services"]
    for name in ("postgres", "nats", "s3"):
        assert "ports" not in places[name]
        assert places[name]["networks"] == ["inside"]
    made = re.search(r"DATABASE (\w+)_logs", (DEPLOY / "scale.sql").read_text())
    assert f"@postgres/{made[1]}?" in text


def test_the_image_installs_by_hash_and_runs_as_nobody_special():
    text = (DEPLOY / "Containerfile").read_text()
    assert "--require-hashes" in text
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert re.search(r"^STOPSIGNAL SIGTERM$", text, re.MULTILINE)
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        for name in line.split():
            assert (DEPLOY.parent / name).exists(), name


def test_the_web_server_speaks_to_the_socket_that_its_example_makes():
    caddy = (DEPLOY / "Caddyfile").read_text()
    (socket,) = re.findall(r"--uds (\S+)", caddy)
    assert f"reverse_proxy unix/{socket}" in caddy
    assert socket.split("/")[2] in lines_of(UNIT, "RuntimeDirectory")

"""The files in `deploy`: what they say is what the program takes."""

import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from relay_process import RelayProcess

from privity.relay.config_sources import read_config

DEPLOY = Path(__file__).parents[3] / "deploy"
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


@pytest.mark.parametrize("path", sorted(DEPLOY.glob("compose*.yaml")))
def test_every_setting_of_a_compose_file_is_one(path):
    setting = re.compile(r'^ +(PRIVITY_RELAY__\w+): "(.*)"$', re.MULTILINE)
    found = setting.findall(path.read_text())
    assert found
    read_config("", dict(found))


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

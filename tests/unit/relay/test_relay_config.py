"""Settings: read from TOML and the environment, typos refused."""

import msgspec
import pytest

from privity.errors import UsageError
from privity.relay.config import (
    Config,
    LogSettings,
    TLSSettings,
    check_config,
    load_config,
    read_config,
    render_config,
    resolve_url,
)

ENV = "PRIVITY_RELAY__"


def test_no_text_means_the_defaults():
    assert read_config("", {}) == Config()


@pytest.mark.parametrize(
    "config",
    [
        Config(),
        Config(host="chat.example", url="https://chat.example", open=True),
        Config(log=LogSettings(commit_spacing_ms=0), tls=TLSSettings(mode="files")),
        Config(uds='/run/pri "vity".sock'),
    ],
)
def test_what_is_rendered_reads_back_to_the_same(config):
    assert read_config(render_config(config), {}) == config


def test_the_environment_goes_over_the_file():
    environ = {f"{ENV}LOG__COMMIT_SPACING_MS": "0", f"{ENV}OPEN": "true", "PATH": "x"}
    config = read_config("[log]\nappend_burst = 7\n", environ)
    assert config.open
    assert (config.log.commit_spacing_ms, config.log.append_burst) == (0, 7)


@pytest.mark.parametrize(
    "text",
    [
        "hots = 'x'",
        "[log]\ncommit_spacing = 1",
        "[logs]\ncommit_spacing_ms = 1",
        "[log]\ncommit_spacing_ms = -1",
        "[blobs]\nmax_bytes = 0",
        "open = 'perhaps'",
        "host = 'Chat.Example'",
        "host = 'a b'",
        "url = 'ftp://localhost'",
        "url = 'http://localhost:8743'",
        "[tls]\nmode = 'some'",
        "log = 3",
        "not toml",
    ],
)
def test_a_setting_that_is_wrong_is_refused(text):
    with pytest.raises(UsageError):
        read_config(text, {})


@pytest.mark.parametrize("name", ["HOTS", "LOG__COMMIT_SPACING", "OPEN__X"])
def test_a_misspelt_variable_is_refused(name):
    with pytest.raises(UsageError):
        read_config("open = true", {ENV + name: "1"})


def test_without_tls_a_relay_listens_on_loopback_or_a_socket_only():
    bare = Config(tls=TLSSettings(mode="none"), url="http://chat.example")
    check_config(bare)
    check_config(msgspec.structs.replace(bare, listen="0.0.0.0:80", uds="/run/x"))
    with pytest.raises(UsageError, match="loopback"):
        check_config(msgspec.structs.replace(bare, listen="0.0.0.0:80"))


@pytest.mark.parametrize(
    ("config", "url", "expected"),
    [
        (Config(), "", "https://localhost:8743"),
        (Config(), "https://a.example/", "https://a.example"),
        (Config(host="a.example", uds="/run/x"), "", "https://a.example"),
        (Config(tls=TLSSettings(mode="none")), "", "http://localhost:8743"),
    ],
)
def test_the_url_follows_from_host_and_port(config, url, expected):
    assert resolve_url(config, url) == expected


def test_a_missing_file_says_what_makes_it(tmp_path):
    with pytest.raises(UsageError, match="init"):
        load_config(tmp_path, {})

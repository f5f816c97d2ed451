"""Settings: read from TOML and the environment, typos refused."""

import msgspec
import pytest

from privity.errors import UsageError
from privity.relay.config import (
    Config,
    LogSettings,
    TLSSettings,
    check_config,
    render_config,
    resolve_url,
)
from privity.relay.config_sources import list_settings, load_config, read_config

ENV = "PRIVITY_RELAY__"
TABLES = [
    type(one)
    for one in msgspec.structs.astuple(Config())
    if hasattr(one, "__struct_fields__")
]


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
        "[open]",
        "open = {}",
        "[[log]]",
        "[logs]",
        '"log.append_burst" = 3',
        "listen = '8743'",
        "listen = '127.0.0.1:65536'",
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


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        ("hots = 'x'", {}, r"relay.toml: there is no setting hots; .* mean host\?"),
        ("[log]\ncommit_spacing = 1", {}, r"mean log\.commit_spacing_ms\?"),
        ("[mailbx]\nretention_days = 1", {}, r"mean mailbox\.retention_days\?"),
        ("max_bytes = 1", {}, r"mean blobs\.max_bytes\?"),
        ("zzzz = 1", {}, "there is no setting zzzz$"),
        ("", {f"{ENV}HOTS": "x"}, rf"{ENV}HOTS: .* mean {ENV}HOST\?"),
        ("", {f"{ENV}LOG_APPEND_BURST": "1"}, rf"mean {ENV}LOG__APPEND_BURST\?"),
        ("", {f"{ENV}LOG": "1"}, f"{ENV}LOG: log is a table"),
        ("[log]\nappend_burst = 0", {}, r"relay.toml: log\.append_burst: .*>= 1"),
        ("", {f"{ENV}LOG__APPEND_BURST": "0"}, f"{ENV}LOG__APPEND_BURST: log"),
    ],
)
def test_a_refusal_names_who_set_what_and_what_was_meant(text, environ, said):
    with pytest.raises(UsageError, match=said):
        read_config(text, environ)


def test_an_empty_table_sets_nothing():
    environ = {f"{ENV}LOG__APPEND_BURST": "7"}
    assert read_config("[log]\n[tls]\n", environ).log.append_burst == 7


def test_each_setting_is_listed_with_its_origin(tmp_path):
    (tmp_path / "relay.toml").write_text("[log]\nappend_burst = 7\n[blobs]\n")
    variable = f"{ENV}OPEN"
    listed = {one.name: one for one in list_settings(tmp_path, {variable: "true"})}
    assert (listed["log.append_burst"].value, listed["open"].value) == (7, True)
    assert listed["log.append_burst"].origin == "relay.toml"
    assert listed["open"].origin == variable
    assert listed["blobs.max_bytes"].origin == "default"
    fields = [len(msgspec.structs.fields(one)) for one in (Config, *TABLES)]
    assert len(listed) == sum(fields) - len(TABLES)


def test_no_password_of_a_url_is_shown(tmp_path):
    secret = "open-sesame"
    environ = {f"{ENV}BUS__URL": f"nats://relay:{secret}@bus.example:4222"}
    (tmp_path / "relay.toml").write_text("")
    shown = {one.name: one.value for one in list_settings(tmp_path, environ)}
    assert shown["bus.url"] == "nats://(hidden)@bus.example:4222"
    config = load_config(tmp_path, environ)
    assert secret in config.bus.url
    assert secret not in f"{config!r} {config} {config.bus!r} {shown}"


@pytest.mark.parametrize(
    "url", ["bus:4222", "http://bus:4222", "nats://", "nats://a b"]
)
def test_what_is_no_url_of_a_bus_is_refused_and_not_repeated(url):
    with pytest.raises(UsageError, match=r"bus\.url is"):
        read_config("", {f"{ENV}BUS__URL": url})


def test_no_key_of_s3_is_shown(tmp_path):
    secret = "open-sesame"
    environ = {
        f"{ENV}BLOBS__URL": "s3://bucket/prefix",
        f"{ENV}BLOBS__ENDPOINT": "https://s3.example:9000",
        f"{ENV}BLOBS__ACCESS_KEY_ID": "relay",
        f"{ENV}BLOBS__SECRET_ACCESS_KEY": secret,
    }
    (tmp_path / "relay.toml").write_text("")
    shown = {one.name: one.value for one in list_settings(tmp_path, environ)}
    assert shown["blobs.secret_access_key"] == "(hidden)"
    assert shown["blobs.url"] == "s3://bucket/prefix"
    config = load_config(tmp_path, environ)
    assert config.blobs.secret_access_key == secret
    assert secret not in f"{config!r} {config.blobs!r} {shown}"


@pytest.mark.parametrize(
    "settings",
    [
        {"URL": "https://bucket"},
        {"URL": "s3://"},
        {"URL": "s3://key:secret@bucket"},
        {"ENDPOINT": "s3.example"},
        {"ENDPOINT": "https://key:secret@s3.example"},
        {"ACCESS_KEY_ID": "half"},
        {"SECRET_ACCESS_KEY": "secret"},
    ],
)
def test_settings_of_s3_that_make_no_sense_are_refused_and_not_repeated(settings):
    environ = {f"{ENV}BLOBS__{name}": value for name, value in settings.items()}
    with pytest.raises(UsageError, match=r"^blobs\.") as refusal:
        read_config("", environ)
    assert "secret@" not in str(refusal.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "relay.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="unreadable"):
        load_config(tmp_path, {})


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


@pytest.mark.parametrize("days", [13, 1_001, -1])
def test_messages_are_kept_two_weeks_at_least_and_not_for_ever(days):
    with pytest.raises(UsageError, match="entries_days"):
        read_config(f"[retention]\nentries_days = {days}", {})
    for good in (14, 1_000):
        config = read_config(f"[retention]\nentries_days = {good}", {})
        assert config.retention.entries_days == good

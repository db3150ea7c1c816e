"""Who is let in: users of a file, users whom a trusted proxy names, and nobody else, to whatever is served."""

import base64
import io
import ipaddress
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client

from benchmarks.browser import served
from corpus.errors import UserError
from tests.fakes_ui import ScriptedAssistant
from ui.__main__ import main
from ui.access import PasswordDoor, ProxyDoor, open_door
from ui.serving import build_app
from ui.users import Secret, add_user, read_users

ROUTES = ("/", "/config", "/gradio_api/info", "/gradio_api/queue/data?session_hash=x", "/mcp", "/theme.css", "/nothing")
ASKED = {"data": ["What does a CMO do?", None]}
PASSWORD = "correct horse"
HERE = (ipaddress.ip_network("127.0.0.1"),)
ELSEWHERE = (ipaddress.ip_network("10.0.0.0/8"),)
# One for all, since to make one takes long; it keeps no connection that would have to be closed.
HTTP = httpx.Client(trust_env=False, verify=False, timeout=30, limits=httpx.Limits(max_keepalive_connections=0))


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("users") / "users.txt"
    add_user(path, "ann", PASSWORD)
    add_user(path, "Zoë", "пароль-ключ")
    return path


@pytest.fixture(scope="module")
def by_password(users: Path) -> Iterator[str]:
    with served(build_app(ScriptedAssistant(), door=PasswordDoor(read_users(users)), mcp=True)) as url:
        yield url


@pytest.fixture(scope="module")
def by_proxy() -> Iterator[str]:
    with served(build_app(ScriptedAssistant(), door=ProxyDoor("X-Remote-User", HERE))) as url:
        yield url


def _basic(password: str) -> str:
    """The header of the user "ann" with a password."""
    return "Basic " + base64.b64encode(f"ann:{password}".encode()).decode()


@pytest.fixture(scope="module")
def below() -> Iterator[str]:
    with served(build_app(ScriptedAssistant(), root_path="/cmo")) as url:
        yield url


class TestUsers:
    def test_the_file_holds_no_password_and_only_its_owner_can_read_it(self, users: Path) -> None:
        assert PASSWORD not in users.read_text(encoding="utf-8")
        assert stat.S_IMODE(users.stat().st_mode) == 0o600

    def test_a_user_is_known_by_the_password_alone(self, users: Path) -> None:
        known = read_users(users)
        assert known.check("ann", PASSWORD)
        assert known.check("Zoë", "пароль-ключ")
        assert not known.check("ann", "пароль-ключ")
        assert not known.check("bob", PASSWORD)

    def test_the_same_password_is_salted_anew(self) -> None:
        assert str(Secret.of(PASSWORD)) != str(Secret.of(PASSWORD))

    def test_adding_a_user_again_renews_the_password_and_leaves_the_others(self, tmp_path: Path) -> None:
        path = tmp_path / "users.txt"
        assert not add_user(path, "ann", PASSWORD)
        assert not add_user(path, "bob", PASSWORD)
        assert add_user(path, "ann", "another one")
        known = read_users(path)
        assert known.check("ann", "another one")
        assert not known.check("ann", PASSWORD)
        assert known.check("bob", PASSWORD)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "holds no user"),
            ("ann:plain-password\n", "line 1 is no user"),
            ("# staff\n\nann:scrypt$3$8$1$c2FsdA==$aGFzaA==\n", "line 3 is no user"),  # a cost that is no power of two
            ("ann:scrypt$1073741824$8$1$c2FsdA==$aGFzaA==\n", "line 1 is no user"),  # more memory than there is
            ("ann:{0}\nann:{0}\n", "a second time"),
        ],
    )
    def test_a_file_that_is_none_is_told_by_its_line(self, tmp_path: Path, text: str, told: str) -> None:
        path = tmp_path / "users.txt"
        path.write_text(text.replace("{0}", str(Secret.of(PASSWORD))), encoding="utf-8")
        with pytest.raises(UserError, match=told) as raised:
            read_users(path)
        assert "plain-password" not in str(raised.value)

    @pytest.mark.parametrize("name", ["", "a:b", " ann", "#ann", "an\nn"])
    def test_a_name_that_the_file_cannot_hold_is_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(UserError, match="can't be a user's name"):
            add_user(tmp_path / "users.txt", name, PASSWORD)

    def test_the_command_reads_the_password_from_its_input_and_never_shows_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "users.txt"
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
        assert main(["--auth", str(path), "--add-user", "ann"]) == 0
        assert read_users(path).check("ann", PASSWORD)
        monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
        assert main(["--auth", str(path), "--add-user", "ann"]) == 2
        said = capsys.readouterr()
        assert "5 characters" in said.err
        assert PASSWORD not in said.err + said.out


class TestByPassword:
    @pytest.mark.parametrize("route", ROUTES)
    def test_nothing_is_said_to_a_stranger(self, by_password: str, route: str) -> None:
        refused = HTTP.get(by_password + route)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Basic ")
        assert "frame-ancestors" in refused.headers["content-security-policy"]

    @pytest.mark.parametrize("route", ["/gradio_api/call/ask", "/gradio_api/run/ask", "/gradio_api/upload", "/mcp"])
    def test_no_stranger_asks_or_sends(self, by_password: str, route: str) -> None:
        assert HTTP.post(by_password + route, json=ASKED).status_code == 401

    @pytest.mark.parametrize(
        "header",
        [
            "Basic",
            "Basic %%%",
            "Basic YW5u",  # a name without a password
            "Basic //79",  # no UTF-8
            "Bearer YW5uOmNvcnJlY3QgaG9yc2U=",
            "Basic YW5uOndyb25n",
        ],
    )
    def test_what_is_no_password_of_a_user_is_refused(self, by_password: str, header: str) -> None:
        assert HTTP.get(by_password, headers={"Authorization": header}).status_code == 401

    def test_two_passwords_at_once_are_none(self, by_password: str) -> None:
        twice = [("Authorization", _basic(PASSWORD)), ("Authorization", _basic("wrong password"))]
        assert HTTP.get(by_password, headers=twice).status_code == 401

    def test_a_user_gets_the_page_again_and_again(self, by_password: str) -> None:
        for _ in range(2):
            for name, password in (("ann", PASSWORD), ("Zoë", "пароль-ключ")):
                page = HTTP.get(by_password, auth=httpx.BasicAuth(name.encode(), password.encode()))
                assert page.status_code == 200
                assert "gradio" in page.text
            assert HTTP.get(by_password, auth=("ann", "wrong password")).status_code == 401

    def test_a_program_of_a_user_asks_through_gradio_client(self, by_password: str) -> None:
        client = Client(by_password, verbose=False, headers={"Authorization": _basic(PASSWORD)})
        try:
            assert client.predict("What does a CMO do?", api_name="/ask")["status"] == "answered"
        finally:
            client.close()

    def test_health_is_open_and_says_nothing_else(self, by_password: str) -> None:
        health = HTTP.get(by_password + "/healthz")
        assert (health.status_code, health.json()) == (200, {"status": "ok"})


class TestByProxy:
    def test_the_user_whom_the_proxy_names_is_let_in(self, by_proxy: str) -> None:
        assert HTTP.get(by_proxy, headers={"X-Remote-User": "ann"}).status_code == 200

    @pytest.mark.parametrize(
        "headers", [[], [("X-Remote-User", "")], [("X-Remote-User", "ann"), ("X-Remote-User", "root")]]
    )
    def test_no_name_or_two_names_are_nobody(self, by_proxy: str, headers: list[tuple[str, str]]) -> None:
        refused = HTTP.get(by_proxy, headers=headers)
        assert refused.status_code == 401
        assert "www-authenticate" not in refused.headers  # a browser is not to ask for a password that nobody checks

    def test_a_caller_who_is_not_the_proxy_names_nobody_whatever_it_says(self) -> None:
        with served(build_app(ScriptedAssistant(), door=ProxyDoor("X-Remote-User", ELSEWHERE))) as url:
            forged = {"X-Remote-User": "ann", "X-Forwarded-For": "10.0.0.1", "Forwarded": "for=10.0.0.1"}
            assert HTTP.get(url, headers=forged).status_code == 401
            assert HTTP.get(url + "/healthz").status_code == 200

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["--auth-header", "X-User"], "--auth-proxy"),
            (["--auth-proxy", "127.0.0.1"], "--auth-header"),
            (["--auth-header", "X-User", "--auth-proxy", "proxy.example"], "proxy.example"),
            (["--auth-header", "X-User", "--auth-proxy", "10.0.0.1/8"], "host bits"),
            (["--auth", "users.txt", "--auth-header", "X-User"], "two ways"),
            (["--auth", "no-such-file"], "no-such-file"),
            (["--add-user", "ann"], "--auth FILE"),
            (["--root-path", "https://example.org/cmo"], "--root-path"),
        ],
    )
    def test_half_a_door_is_a_user_error(
        self, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
    ) -> None:
        assert main([*arguments, "--port", "0"]) == 2
        said = capsys.readouterr().err
        assert told in said
        assert said.count("\n") == 1

    def test_no_arguments_are_no_door(self) -> None:
        assert open_door(auth=None, header=None, proxies=()) is None


class TestOtherSites:
    def test_a_page_of_another_site_cannot_ask_in_a_users_name(self, by_password: str) -> None:
        def ask(site: str) -> int:
            headers = {"Sec-Fetch-Site": site}
            url = by_password + "/gradio_api/call/ask"
            return HTTP.post(url, json=ASKED, headers=headers, auth=("ann", PASSWORD)).status_code

        assert ask("same-origin") == 200
        assert ask("cross-site") == 403
        assert ask("same-site") == 403

    def test_a_page_on_this_machine_answers_to_its_own_names_only(self) -> None:
        with served(build_app(ScriptedAssistant(), names=("localhost", "127.0.0.1", "::1", "cmo.example"))) as url:
            port = url.rpartition(":")[2]

            def visit(host: str) -> httpx.Response:
                return HTTP.get(url, headers={"Host": host})

            for host in (
                "localhost",
                f"LOCALHOST:{port}",
                f"127.0.0.1:{port}",
                f"[::1]:{port}",
                "[::1]",
                "cmo.example",
            ):
                assert visit(host).status_code == 200, host
            for host in ("evil.example", f"localhost.evil.example:{port}", ""):
                assert visit(host).status_code == 421, host
            assert "--host-name evil.example" in visit("evil.example").text


class TestBelowARootPath:
    """Two kinds of proxy: one that takes the path away before it calls, and one that leaves it."""

    @pytest.mark.parametrize("kept", ["", "/cmo"])
    def test_the_page_its_files_and_its_health_are_found(self, below: str, kept: str) -> None:
        forwarded = {"X-Forwarded-Host": "hospital.example", "X-Forwarded-Proto": "https"}
        page = HTTP.get(f"{below}{kept}/", headers=forwarded)
        assert page.status_code == 200
        assert "https://hospital.example/cmo" in page.text
        assert HTTP.get(f"{below}{kept}/theme.css").status_code == 200
        assert HTTP.get(f"{below}{kept}/healthz").json() == {"status": "ok"}

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.settings import Settings, chroma_headers, known_settings, load_settings, unknown_variables
from corpus import UserError


def test_without_anything_set_the_defaults_are_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(environment={})
    assert settings == Settings()
    assert (settings.model, settings.embeddings, settings.fallback) == ("extractive", "minilm", True)
    assert settings.origins == {}


def test_an_argument_goes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cmo.toml"
    file.write_text('passages = 3\ntimeout = 5\nmodel = "ollama:a"\n', encoding="utf-8")
    settings = load_settings(
        {"model": "ollama:c"}, environment={"CMO_MODEL": "ollama:b", "CMO_TIMEOUT": "7"}, file=file
    )
    assert (settings.passages, settings.timeout, settings.model) == (3, 7.0, "ollama:c")
    assert settings.origins == {"passages": str(file), "timeout": "CMO_TIMEOUT", "model": "argument"}


def test_an_argument_of_none_and_an_empty_variable_count_as_not_given() -> None:
    assert load_settings({"model": None}, environment={"CMO_MODEL": ""}) == Settings()


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("false", False), ("0", False)])
def test_a_switch_reads_the_usual_words(text: str, value: bool) -> None:
    assert load_settings(environment={"CMO_FALLBACK": text}).fallback is value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("passages", "many"),
        ("passages", "0"),
        ("passages", -3),
        ("passages", True),
        ("passages", 2.5),
        ("timeout", "nan"),
        ("timeout", "inf"),
        ("timeout", "1e999"),
        ("fallback", "perhaps"),
        ("model", 7),
        ("index", "a\0b"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_what_it_should_be(name: str, value: object) -> None:
    with pytest.raises(UserError, match=rf"argument: {name} must be .*, not "):
        load_settings({name: value}, environment={})


def test_an_unknown_name_is_told_with_its_nearest_neighbour_and_all_names() -> None:
    with pytest.raises(UserError, match=r"'modle' is not a setting\. Did you mean 'model'\? Settings are: base_url, "):
        load_settings({"modle": "x"}, environment={})


def test_a_file_that_is_named_must_exist_and_be_toml(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"settings file .* does not exist"):
        load_settings(environment={"CMO_SETTINGS": str(tmp_path / "none.toml")})
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"model = \xff")
    with pytest.raises(UserError, match=r"cannot be read: .* Mend it, or remove it"):
        load_settings(environment={"CMO_SETTINGS": str(broken)})


def test_a_file_in_the_working_folder_is_read_even_with_a_byte_order_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cmo.toml").write_text("\ufeffpassages = 4\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load_settings(environment={}).passages == 4


def test_the_bundled_index_lies_in_the_cache_and_a_tilde_is_the_home_folder() -> None:
    assert Settings(cache="/somewhere").index_folder.parent == Path("/somewhere")
    assert Settings(cache="~/x").cache_folder == Path.home() / "x"
    assert Settings(index="~/y").index_folder == Path.home() / "y"


def test_variables_that_look_like_settings_and_are_none_are_found() -> None:
    assert unknown_variables({"CMO_MODLE": "x", "CMO_MODEL": "x", "CMO_SETTINGS": "x", "HOME": "x"}) == ["CMO_MODLE"]


def test_every_setting_is_explained() -> None:
    text = Settings.__doc__ or ""
    assert [name for name in known_settings() if f"``{name}``" not in text] == []


def test_headers_for_chroma_come_from_the_environment_alone() -> None:
    given = {"CMO_CHROMA_HEADERS": "Authorization: Bearer a:b\nX-Team: cmo\n"}
    assert chroma_headers(given) == {"authorization": "Bearer a:b", "x-team": "cmo"}
    assert chroma_headers({}) == {}
    assert unknown_variables(given) == []
    assert "Bearer" not in repr(load_settings({}, environment=given))
    with pytest.raises(UserError, match="not a setting"):
        load_settings({"chroma_headers": "Authorization: Bearer secret"}, environment={})


@pytest.mark.parametrize("line", ["Bearer secret", "Authorization:", "a b: secret", "A: sécret", ": secret"])
def test_what_is_no_header_is_not_repeated(line: str) -> None:
    with pytest.raises(UserError, match=r"line 2 is no header\. Write it as: Authorization: Bearer TOKEN") as told:
        chroma_headers({"CMO_CHROMA_HEADERS": f"A: b\n{line}"})
    assert "secret" not in str(told.value)


NAMES = st.one_of(st.sampled_from(sorted(known_settings())), st.text(max_size=12))
TOML_VALUES = st.one_of(
    st.text(max_size=20), st.integers(), st.floats(), st.booleans(), st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip
ODD_TEXTS = st.sampled_from(["1", "-1", "0", "1e999", "nan", "٣", "yes", "NO", "1_0", " 7 "])
TEXTS = st.one_of(st.text(max_size=20), ODD_TEXTS)
FILES = st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))


def is_valid_or_told(
    *names: str,
    arguments: dict[str, object] | None = None,
    environment: dict[str, str] | None = None,
    file: Path | None = None,
) -> bool:
    """Whether these become settings of the right kinds, or an error that names one of the names."""
    try:
        loaded = load_settings(arguments, environment=environment or {}, file=file)
    except UserError as error:
        return any(name in str(error) or repr(name) in str(error) for name in names)
    kinds_fit = all(type(getattr(loaded, name)) is type(default) for name, default in known_settings().items())
    return kinds_fit and loaded.passages > 0 and 0 < loaded.timeout < math.inf


@given(st.dictionaries(NAMES, TOML_VALUES, max_size=3))
def test_any_argument_is_a_setting_or_told(arguments: dict[str, object]) -> None:
    assert is_valid_or_told(*arguments, arguments=arguments)


@given(st.dictionaries(st.sampled_from([f"CMO_{n.upper()}" for n in known_settings()]), TEXTS, max_size=3))
def test_any_environment_is_a_setting_or_told(environment: dict[str, str]) -> None:
    assert is_valid_or_told(*environment, environment=environment)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_any_settings_file_is_read_or_told_by_its_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "cmo.toml"
    file.write_bytes(content)
    assert is_valid_or_told(str(file), file=file)


@given(st.integers(1, 10**9), st.floats(1e-6, 1e9), st.booleans())
def test_what_is_valid_reads_the_same_from_every_place(passages: int, timeout: float, fallback: bool) -> None:
    given_values = {"passages": passages, "timeout": timeout, "fallback": fallback}
    texts = {f"CMO_{name.upper()}": str(value) for name, value in given_values.items()}
    assert load_settings(given_values, environment={}) == load_settings(environment=texts)

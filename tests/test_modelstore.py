import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from framing import modelstore
from framing.codebook import Code, Codebook
from framing.errors import ModelError, StorageError
from framing.features import FeatureSpace
from framing.model import Model
from framing.modelstore import (
    CARD_FILE,
    MODEL_FILE,
    OUT_OF_FOLD_FILE,
    VERSION,
    list_models,
    load_model,
    read_card,
    read_out_of_fold,
    save_model,
)
from framing.plainfile import content_hash, plain_bytes, read_plain
from framing.scorer import Scorer
from tests.smallmodel import TEXTS, make_model

CODEBOOK = Codebook(
    name="small",
    version="1.0",
    language="en",
    unit="one sentence",
    coding="multiple",
    codes=(Code("deal", "Deal", "A deal."), Code("row", "Row", "A row.")),
    hash="0123456789ab",
)
MORE_TEXTS = [*TEXTS, "zebra", "", "Tehran accused M23; troops shelled Israel"]
WRONG: list[Any] = [
    *(None, True, 7, 1.5, "x", [], ["x"], [7], {}, {"x": "y"}),
    *(np.zeros(0), np.zeros(1), np.zeros(5), np.zeros((5, 5))),
    np.zeros(2, dtype=np.int64),
]
Place = tuple[str | int, ...]


def save(folder: Path, model: Model | None = None) -> str:
    return save_model(folder, model or make_model(), {"codebook": "small"}, "# Card\n")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The content of a good model file."""
    folder = tmp_path_factory.mktemp("good")
    save(folder)
    return read_plain(folder / MODEL_FILE)


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place in the content; of a list the first entry speaks for all."""
    if place:
        yield place
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*place, key))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*place, 0))


def sample_content() -> dict[str, Any]:
    """Content of the shape of a good model file, for the names of its places."""
    block = {
        "settings": dict.fromkeys(
            ("kind", "low", "high", "min_df", "weight", "scaled"), ""
        ),
        "vocabulary": [""],
        "idf": "",
    }
    numbers = ("coef", "intercept", "calibration", "thresholds")
    head = {"classes": [""], "single": "", "blocks": [block]}
    head |= dict.fromkeys(numbers, "")
    lists = ("words", "unless", "not_with", "only_with")
    group = dict.fromkeys(("name", "code", "role"), "") | {k: [] for k in lists}
    group |= {"words": [""], "unless": [""]}
    kept = ("format", "version", "codebook", "language", "sha256")
    aliases = dict.fromkeys(("Iran", "Tehran", "Israel", "M23"), "")
    return {
        **dict.fromkeys(kept, ""),
        "frames": head,
        "stance": head,
        "targets": {"names": [""], "aliases": aliases, "kinds": {"M23": ""}},
        "seeds": [group],
    }


PLACES = list(places(sample_content()))


def put(content: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """The content with another value in one place."""
    changed = copy.deepcopy(content)
    inside = changed
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    return changed


def take(content: Any, place: Place) -> Any:
    for step in place:
        content = content[step]
    return content


def load_content(
    folder: Path, content: dict[str, Any], *, resign: bool = True
) -> tuple[Model, str]:
    """Load content from a file whose checksum is right, as a forger would make it."""
    if resign:
        content = {**content, "sha256": content_hash(content)}
    (folder / MODEL_FILE).write_bytes(plain_bytes(content))
    return load_model(folder)


def alike(one: Any, other: Any) -> bool:
    """Whether a wrong value is in fact a right one for a field of this value."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return (
            isinstance(one, np.ndarray)
            and isinstance(other, np.ndarray)
            and (one.dtype, one.shape) == (other.dtype, other.shape)
        )
    return type(one) is type(other)


def refusal(folder: Path, content: dict[str, Any], *, resign: bool = True) -> str:
    """What is said of content that is refused, or nothing."""
    try:
        load_content(folder, content, resign=resign)
    except ModelError as error:
        return str(error)
    return ""


def accepted(folder: Path, good: dict[str, Any], place: Place) -> list[Any]:
    """Wrong values of another type or shape that a field takes all the same."""
    found = []
    for wrong in WRONG:
        if alike(take(good, place), wrong) or (wrong is None and place == ("stance",)):
            continue
        changed = put(good, place, wrong)
        said = refusal(folder, changed, resign=place != ("sha256",))
        if not said:
            found.append(wrong)
        assert "\n" not in said
    return found


def test_loaded_model_predicts_the_same(tmp_path: Path) -> None:
    model = make_model()
    digest = save(tmp_path, model)
    loaded, found = load_model(tmp_path, CODEBOOK)
    assert found == digest
    one, other = Scorer(model), Scorer(loaded)
    for part, again in zip(
        one.score(one.read(MORE_TEXTS)),
        other.score(other.read(MORE_TEXTS)),
        strict=True,
    ):
        np.testing.assert_array_equal(part, again)
    stances = [s.score_stance(s.read(MORE_TEXTS)) for s in (one, other)]
    assert [s[:2] + s[3:] for s in stances[0]] == [s[:2] + s[3:] for s in stances[1]]
    for before, after in zip(*stances, strict=True):
        np.testing.assert_array_equal(before[2], after[2])
    assert one.explain(TEXTS[0]).by_word(0) == other.explain(TEXTS[0]).by_word(0)


def test_loaded_model_has_the_same_parts(tmp_path: Path) -> None:
    model = make_model(single=True)
    save(tmp_path, model)
    loaded, _ = load_model(tmp_path)
    assert loaded.targets == model.targets
    assert loaded.seeds == model.seeds
    assert (loaded.codebook, loaded.language) == (model.codebook, model.language)
    assert loaded.frames.single is True
    assert loaded.stance is not None
    assert loaded.stance.classes == ("favourable", "critical", "neutral")
    for one, other in zip(loaded.frames.blocks, model.frames.blocks, strict=True):
        assert one.settings == other.settings
        assert one.vocabulary == other.vocabulary


def test_model_without_stance_comes_back_without(tmp_path: Path) -> None:
    save(tmp_path, make_model(stance=False))
    assert load_model(tmp_path)[0].stance is None


def test_model_of_an_empty_block_comes_back(tmp_path: Path) -> None:
    model = make_model()
    plain = replace(model, seeds=(), stance=None)
    empty = replace(model.frames.blocks[3], vocabulary=(), idf=np.empty(0))
    n = len(model.frames.blocks[3].vocabulary)
    frames = replace(
        model.frames,
        blocks=(*model.frames.blocks[:3], empty),
        coef=model.frames.coef[:, :-n],
    )
    save(tmp_path, replace(plain, frames=frames))
    loaded, _ = load_model(tmp_path)
    assert len(FeatureSpace(loaded.frames.blocks).names) == frames.coef.shape[1]


def test_saved_twice_and_loaded_and_saved_again_is_byte_identical(
    tmp_path: Path,
) -> None:
    folders = [tmp_path / name for name in "abc"]
    save(folders[0])
    save(folders[1])
    save(folders[2], load_model(folders[0])[0])
    for name in (MODEL_FILE, CARD_FILE, "card.md"):
        first, *others = [(folder / name).read_bytes() for folder in folders]
        assert [other == first for other in others] == [True, True]


def test_card_carries_the_hash_of_the_model(tmp_path: Path) -> None:
    digest = save(tmp_path)
    assert read_card(tmp_path) == {"codebook": "small", "model_sha256": digest}
    assert (tmp_path / "card.md").read_text(encoding="utf-8") == "# Card\n"


def test_model_without_card_has_an_empty_one(tmp_path: Path) -> None:
    assert read_card(tmp_path) == {}


@pytest.mark.parametrize(
    "content",
    [
        *(b"{", b"", b"\xff\xfe", b'{"a": 1}}'),
        *(b"[]", b"1", b"null", b'"card"'),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
    ],
)
def test_damaged_card_is_refused(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(CARD_FILE).write_bytes(content)
    with pytest.raises(ModelError) as caught:
        read_card(Path())
    assert str(caught.value) == "card.json: damaged. Restore it or train again."


def test_models_of_a_study_are_listed_by_name(tmp_path: Path) -> None:
    for name in ("second", "first"):
        save(tmp_path / "models" / name)
    (tmp_path / "models" / "empty").mkdir()
    found = list_models(tmp_path)
    assert [path.name for path in found] == ["first", "second"]
    assert list_models(tmp_path / "nowhere") == []


def test_missing_model_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError) as caught:
        load_model(Path("models/small"))
    assert str(caught.value) == (
        "models/small/model.joblib: no model there. Label sentences, then "
        "`framing train`."
    )
    assert caught.value.exit_code == 4


def test_model_of_another_codebook_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save(Path("m"))
    other = replace(CODEBOOK, version="2.0", hash="ba9876543210")
    with pytest.raises(ModelError) as caught:
        load_model(Path("m"), other)
    assert str(caught.value) == (
        "m/model.joblib: trained with small 1.0 @0123456789ab, this is "
        "small 2.0 @ba9876543210. Run `framing train`."
    )
    with pytest.raises(ModelError, match="trained with small"):
        load_model(Path("m"), replace(CODEBOOK, name="large"))


def test_model_of_an_accepted_version_of_the_codebook_holds(tmp_path: Path) -> None:
    save(tmp_path)
    later = replace(
        CODEBOOK, version="1.1", hash="ba9876543210", accepts=("0123456789ab",)
    )
    assert load_model(tmp_path, later)[0].codebook == "small 1.0 @0123456789ab"


def test_model_of_a_newer_format_says_so(
    good: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError) as caught:
        load_content(Path(), {**good, "version": VERSION + 1, "more": [1]})
    assert str(caught.value) == (
        f"model.joblib: model format {VERSION + 1}; this framing reads up to "
        f"{VERSION}. Update framing."
    )


@pytest.mark.parametrize("version", [0, -1])
def test_model_of_a_format_that_never_was_is_refused(
    version: int, good: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="not a model of framing"):
        load_content(tmp_path, {**good, "version": version})


def test_plain_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a model of framing"):
        load_content(tmp_path, {"words": ["a"]})


def test_file_that_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / MODEL_FILE).write_bytes(b"not a model")
    with pytest.raises(ModelError) as caught:
        load_model(tmp_path)
    assert "\n" not in str(caught.value)


def test_wrong_checksum_is_damage(good: dict[str, Any], tmp_path: Path) -> None:
    changed = put(good, ("frames", "intercept"), np.array([9.0, 9.0]))
    with pytest.raises(ModelError, match="its checksum does not match"):
        load_content(tmp_path, changed, resign=False)
    with pytest.raises(ModelError, match="no checksum"):
        load_content(
            tmp_path, {k: v for k, v in good.items() if k != "sha256"}, resign=False
        )


def test_places_are_those_of_a_good_file(good: dict[str, Any]) -> None:
    assert set(PLACES) == set(places(good))


RECORDS = [
    *((), ("frames",), ("stance",), ("targets",), ("seeds", 0)),
    *(("frames", "blocks", 0), ("frames", "blocks", 0, "settings")),
]
"""Places where the fields of a record stand."""


@pytest.mark.parametrize("place", PLACES, ids=lambda p: ".".join(map(str, p)))
def test_field_of_a_wrong_type_or_shape_is_refused_in_one_line(
    place: Place, good: dict[str, Any], tmp_path: Path
) -> None:
    assert accepted(tmp_path, good, place) == []


@pytest.mark.parametrize(
    "place",
    RECORDS,
    ids=lambda p: ".".join(map(str, p)) or "model",
)
def test_field_missing_or_too_many_is_refused(
    place: Place, good: dict[str, Any], tmp_path: Path
) -> None:
    record = take(good, place)
    changes = [{k: v for k, v in record.items() if k != key} for key in record]
    for changed in [*changes, {**record, "more": 1}]:
        content = put(good, place, changed) if place else changed
        said = refusal(tmp_path, content, resign="sha256" in content)
        assert said
        assert "\n" not in said


def first(block: str) -> Place:
    return ("frames", "blocks", 0, "settings", block)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("frames", "classes"), []),
        (("frames", "classes"), ["deal"]),
        (("frames", "classes"), ["deal", 7]),
        (("frames", "intercept"), np.array([np.nan, 0.0])),
        (("frames", "thresholds"), np.array([np.inf, 0.5])),
        (("frames", "thresholds"), np.array([0.0, 0.5])),
        (("frames", "thresholds"), np.array([0.5, 1.0])),
        (("frames", "calibration"), np.zeros((3, 2))),
        (("targets", "aliases"), {"Iran": 7}),
        (("seeds", 0, "role"), "loud"),
        (first("kind"), "letters"),
        (first("low"), 0),
        (first("low"), 3),
        (first("high"), 0),
        (first("high"), 7),
        (first("high"), 10**15),
        (first("weight"), 0.0),
        (first("weight"), -1.0),
        (first("weight"), 1e9),
        (first("weight"), float("nan")),
    ],
)
def test_value_out_of_its_range_is_refused(
    place: Place, value: Any, good: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="damaged") as caught:
        load_content(tmp_path, put(good, place, value))
    assert "\n" not in str(caught.value)


def test_feature_that_is_there_twice_is_refused(
    good: dict[str, Any], tmp_path: Path
) -> None:
    words = good["frames"]["blocks"][0]["vocabulary"]
    place = ("frames", "blocks", 0, "vocabulary")
    with pytest.raises(ModelError, match=re.escape("(a feature is there twice)")):
        load_content(tmp_path, put(good, place, [words[0], words[0], *words[2:]]))


def no_blocks(content: dict[str, Any]) -> dict[str, Any]:
    content = put(content, ("frames", "coef"), np.zeros((2, 0)))
    return put(content, ("frames", "blocks"), [])


NO_SCORE: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "head without a block": no_blocks,
    "idf of nothing": lambda c: put(
        c,
        ("frames", "blocks", 0, "idf"),
        np.zeros(len(c["frames"]["blocks"][0]["idf"])),
    ),
    "class twice": lambda c: put(c, ("frames", "classes"), ["deal", "deal"]),
    "seed word that is no pattern": lambda c: put(c, ("seeds", 0, "words"), [""]),
    "seed word that takes for ever": lambda c: put(
        c, ("seeds", 0, "words"), ["a" + "*a" * 40]
    ),
    "threshold that is no probability": lambda c: put(
        c, ("stance", "thresholds"), np.array([0.0, 2.0, -1.0])
    ),
}


@pytest.mark.parametrize("name", list(NO_SCORE))
def test_model_that_cannot_score_is_refused_when_loaded(
    name: str, good: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="damaged") as caught:
        load_content(tmp_path, NO_SCORE[name](good))
    assert "\n" not in str(caught.value)


def test_cards_are_written_for_people_too(tmp_path: Path) -> None:
    save_model(tmp_path, make_model(), {"title": "Ländermodell", "b": [1]}, "")
    text = (tmp_path / CARD_FILE).read_text(encoding="utf-8")
    assert "Ländermodell" in text
    assert text.endswith("}\n")
    assert list(json.loads(text)) == ["b", "model_sha256", "title"]


def make_table(n: int = 50) -> pd.DataFrame:
    """An out-of-fold table of the codes deal and row."""
    rng = np.random.default_rng(0)
    proba = rng.random((4, n), dtype=np.float32)
    return pd.DataFrame(
        {
            "doc_id": [f"doc-{i // 5}" for i in range(n)],
            "start": np.arange(n) * 10,
            "end": np.arange(n) * 10 + 9,
            "source": ["Post", "Écho"] * (n // 2),
            "weight": np.where(np.arange(n) % 2, 1.0, 0.15),
            "deal": rng.random(n) < 0.3,
            "p_deal": proba[0],
            "u_deal": proba[1],
            "row": rng.random(n) < 0.5,
            "p_row": proba[2],
            "u_row": proba[3],
        }
    )


def save_table(folder: Path, table: pd.DataFrame | None) -> str:
    return save_model(folder, make_model(), {"codebook": "small"}, "", table)


def test_out_of_fold_table_comes_back(tmp_path: Path) -> None:
    without = make_table().assign(u_deal=np.float32("nan"), u_row=np.float32("nan"))
    for table in (make_table(), without):
        save_table(tmp_path, table)
        pd.testing.assert_frame_equal(read_out_of_fold(tmp_path), table)


def test_out_of_fold_table_does_not_change_the_model(tmp_path: Path) -> None:
    assert save_table(tmp_path, make_table()) == save(tmp_path / "without")


def test_model_without_out_of_fold_table_has_an_empty_one(tmp_path: Path) -> None:
    table = read_out_of_fold(tmp_path)
    assert len(table) == 0
    assert table.dtypes.equals(make_table().dtypes[:5])


def test_out_of_fold_table_of_an_earlier_model_does_not_stay(tmp_path: Path) -> None:
    save_table(tmp_path, make_table())
    save_table(tmp_path, None)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("card.json", "card.md", "model.joblib"),
    ]


def test_no_out_of_fold_table_stays_where_saving_stops_half_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_table(tmp_path, make_table())

    def full(path: Path, data: bytes) -> None:
        raise StorageError(path.name)

    monkeypatch.setattr(modelstore, "write_atomic", full)
    with pytest.raises(StorageError, match=CARD_FILE):
        save_table(tmp_path, make_table(10))
    assert (tmp_path / MODEL_FILE).exists()
    assert read_out_of_fold(tmp_path).empty


def test_out_of_fold_table_that_cannot_be_removed_is_said_so(tmp_path: Path) -> None:
    (tmp_path / OUT_OF_FOLD_FILE).mkdir()
    with pytest.raises(StorageError, match="not removed") as caught:
        save_table(tmp_path, make_table())
    assert "\n" not in str(caught.value)
    assert not (tmp_path / MODEL_FILE).exists()


def refused_table(folder: Path, data: bytes) -> None:
    (folder / OUT_OF_FOLD_FILE).write_bytes(data)
    with pytest.raises(ModelError) as caught:
        read_out_of_fold(folder)
    assert str(caught.value).endswith(
        f"{OUT_OF_FOLD_FILE}: damaged. Restore it or train again."
    )
    assert "\n" not in str(caught.value)


def test_damaged_out_of_fold_table_is_refused(tmp_path: Path) -> None:
    save_table(tmp_path, make_table())
    data = (tmp_path / OUT_OF_FOLD_FILE).read_bytes()
    for cut in range(0, len(data), 97):
        refused_table(tmp_path, data[:cut])
    refused_table(tmp_path, b"not a table")
    in_a_page = bytearray(data)
    in_a_page[data.index(b"\x28\xb5\x2f\xfd") + 8] ^= 1  # where zstd begins
    refused_table(tmp_path, bytes(in_a_page))


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.drop(columns="weight"),
        lambda t: t.drop(columns="u_row"),
        lambda t: t.assign(text="x"),
        lambda t: t[[*t.columns[:5], "row", "p_deal", "u_deal"]],
        lambda t: t[["start", "doc_id", *t.columns[2:]]],
        lambda t: t.assign(start=t["start"].astype("float64")),
        lambda t: t.assign(deal=t["deal"].astype("int64")),
        lambda t: t.assign(p_deal=t["p_deal"] + np.float32(1)),
        lambda t: t.assign(u_deal=t["u_deal"] - np.float32(1)),
        lambda t: t.assign(p_deal=t["p_deal"].where(t["deal"])),
        lambda t: t.assign(source=t["source"].where(t["deal"])),
    ],
)
def test_out_of_fold_table_of_another_shape_is_refused(
    change: Callable[[pd.DataFrame], pd.DataFrame], tmp_path: Path
) -> None:
    save_table(tmp_path, change(make_table()))
    refused_table(tmp_path, (tmp_path / OUT_OF_FOLD_FILE).read_bytes())

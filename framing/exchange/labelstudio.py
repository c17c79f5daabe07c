"""Label Studio: JSON, JSON-MIN, CSV and TSV exports; JSON with annotations to import.

Names from the source of its SDK (converter, 2026). A cancelled annotation is no
decision. Coder, note and stance travel as text areas beside the choices, for an
annotation has no other place for them.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from framing.codebook import Codebook
from framing.errors import LabelError
from framing.exchange.decision import Decision, Log, Reading, facts_among, facts_of
from framing.exchange.jsonfile import Row, json_rows
from framing.exchange.members import Member
from framing.exchange.stances import stance_parts
from framing.exchange.table import read_table
from framing.labelled import TEXT_NAMES
from framing.records import Label

CONTROL = "frame"
"""Name of the control that codes are chosen in, as we write it."""

AREAS = ("coder", "note", "stance")
_OWN = {
    "id",
    "annotator",
    "annotation_id",
    "created_at",
    "updated_at",
    "lead_time",
    "agreement",
}
_OF_TASK = ("sent_id", "source", "order", "probability", "codebook")


def read(member: Member, how: Reading, log: Log) -> Iterator[Decision]:
    """Yield one decision per annotation.

    Raises
    ------
    LabelError
        It cannot be told which control holds the codes.
    """
    if member.suffix in (".csv", ".tsv"):
        rows = [_parsed(row) for row in read_table(member, log)[1]]
    else:
        rows = list(json_rows(member, log))
    full = [r for r in rows if isinstance(r.values.get("annotations"), list)]
    small = [r for r in rows if not isinstance(r.values.get("annotations"), list)]
    small = [r for r in small if not _is_bare_task(r, log)]
    if full:
        yield from _read_full(full, member, how, log)
    if small:
        yield from _read_small(small, member, how, log)


def write(labels: Sequence[Label], codebook: Codebook) -> dict[str, str]:
    """Return a task per unit with an annotation per coder.

    What belongs to the unit is data of the task; coders of whose decisions it differs
    (another text, another way of drawing it) get a task each.
    """
    tasks: dict[str, dict[str, Any]] = {}
    for label in labels:
        facts = facts_of(label)
        data = {"text": label.text, **{n: facts[n] for n in _OF_TASK if n in facts}}
        key = json.dumps(data, sort_keys=True)
        task = tasks.setdefault(key, {"data": data, "annotations": []})
        task["annotations"].append(_annotation(label))
    return {"": json.dumps(list(tasks.values()), ensure_ascii=False, indent=1) + "\n"}


def _annotation(label: Label) -> dict[str, Any]:
    result = []
    if label.codes:
        result.append(_result(CONTROL, "choices", label.codes))
    areas = {"coder": [label.coder], "note": [label.note] if label.note else []}
    areas["stance"] = stance_parts(label.stance)
    result += [_result(name, "text", texts) for name, texts in areas.items() if texts]
    annotation: dict[str, Any] = {
        "result": result,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": label.time,
    }
    # Label Studio refuses a file that names a person by anything but the e-mail of
    # one of its users.
    if "@" in label.coder:
        annotation["completed_by"] = {"email": label.coder}
    return annotation


def _result(name: str, kind: str, values: Iterable[str]) -> dict[str, Any]:
    return {
        "id": name,
        "from_name": name,
        "to_name": "text",
        "type": "textarea" if kind == "text" else kind,
        "value": {kind: list(values)},
    }


def _is_bare_task(row: Row, log: Log) -> bool:
    """Tell a task that nobody has annotated."""
    is_task = isinstance(row.values.get("data"), dict)
    if is_task:
        log.dropped["tasks without an annotation"] += 1
    return is_task


def _read_full(
    rows: Sequence[Row], member: Member, how: Reading, log: Log
) -> Iterator[Decision]:
    results = [
        result
        for row in rows
        for annotation in row.values["annotations"]
        if isinstance(annotation, dict)
        for result in _results(annotation)
    ]
    seen: dict[str, Counter[str]] = {}
    for result in results:
        if result.get("type") == "choices":
            names = _flat(result.get("value"), "choices")
            counts = seen.setdefault(str(result.get("from_name")), Counter())
            counts.update(map(str, names))
    control = _pick_control(seen, how, member)
    log.say(f"{member.name}: Label Studio, codes in {control}")
    for row in rows:
        if not row.values["annotations"]:
            log.dropped["tasks without an annotation"] += 1
        for annotation in row.values["annotations"]:
            if not isinstance(annotation, dict):
                log.skip(row.where, "an annotation that is no JSON object")
            elif annotation.get("was_cancelled") or annotation.get("skipped"):
                log.dropped["cancelled"] += 1
            elif any(r.get("type") == "labels" for r in _results(annotation)):
                log.skip(row.where, "spans, not codes of the whole text")
            else:
                yield _of_annotation(row, annotation, control, how)


def _of_annotation(
    row: Row, annotation: dict[str, Any], control: str, how: Reading
) -> Decision:
    data = row.values.get("data")
    data = data if isinstance(data, dict) else {}
    areas: dict[str, Any] = {}
    names: list[Any] = []
    for result in _results(annotation):
        name = str(result.get("from_name"))
        if result.get("type") == "choices" and name == control:
            names += _flat(result.get("value"), "choices")
        elif result.get("type") == "textarea" and name in AREAS:
            areas[name] = _flat(result.get("value"), "text")
    times = {
        "created_at": annotation.get("created_at"),
        "updated_at": annotation.get("updated_at"),
    }
    person = annotation.get("completed_by")
    place = (row, str(row.values.get("id", "")))
    return _decision(place, data, names, {**times, **areas, "annotator": person}, how)


def _read_small(
    rows: Sequence[Row], member: Member, how: Reading, log: Log
) -> Iterator[Decision]:
    """Yield the decisions of JSON-MIN and CSV: a record per annotation."""
    seen: dict[str, Counter[str]] = {}
    for row in rows:
        for name, value in row.values.items():
            if name not in _OWN and not name.startswith("_data_"):
                choices = isinstance(value, dict) and "choices" in value
                if choices or (isinstance(value, str) and how.find(value)):
                    names = map(str, _flat(value, "choices"))
                    seen.setdefault(name, Counter()).update(names)
    control = _pick_control(seen, how, member)
    log.say(f"{member.name}: Label Studio, codes in {control}")
    for row in rows:
        values = row.values
        plain = {n: v for n, v in values.items() if n not in AREAS and n != control}
        data = plain | {
            name.removeprefix("_data_"): value
            for name, value in values.items()
            if name.startswith("_data_")
        }
        areas = {name: _flat(values[name], "text") for name in AREAS if name in values}
        times = {name: values.get(name) for name in ("created_at", "updated_at")}
        about = {**times, **areas, "annotator": values.get("annotator")}
        place = (row, str(values.get("id", "")))
        yield _decision(place, data, _flat(values.get(control), "choices"), about, how)


def _decision(
    place: tuple[Row, str],
    data: Mapping[str, Any],
    names: Sequence[Any],
    about: Mapping[str, Any],
    how: Reading,
) -> Decision:
    row, task = place
    stated = {name: value for name, value in data.items() if value != ""}
    facts = facts_among(stated, how.id_column)
    facts |= {name: about[name] for name in ("stance",) if about.get(name)}
    if about.get("note"):
        facts["note"] = "\n".join(map(str, about["note"]))
    facts["time"] = about.get("updated_at") or about.get("created_at")
    columns = [how.text_column] if how.text_column else TEXT_NAMES
    text = next((data[name] for name in columns if name in data), None)
    coder = "".join(map(str, about.get("coder") or [])) or _person(about["annotator"])
    item = f"labelstudio-{task}" if task else ""
    # Who submits an annotation without a choice says that none applies.
    return Decision(
        row.where, row.row, text, tuple(names), coder, item, facts, explicit=True
    )


def _person(value: Any) -> str:
    """Return who annotated: a number, an e-mail, or a record with one of them."""
    if isinstance(value, dict):
        value = value.get("email") or value.get("id")
    return "" if value is None else str(value)


def _pick_control(
    seen: Mapping[str, Counter[str]], how: Reading, member: Member
) -> str:
    """Return the control whose choices are codes; its name is the project's own."""
    if how.label_column:
        return how.label_column
    if CONTROL in seen or not seen:
        return CONTROL
    n_codes = {
        name: sum(n for value, n in counts.items() if how.find(value))
        for name, counts in seen.items()
    }
    best = max(n_codes, key=lambda name: n_codes[name])
    if len(seen) > 1 and not n_codes[best]:
        names = ", ".join(seen)
        msg = f"{member.name}: choices in {names}. Say which by --label-column."
        raise LabelError(msg)
    return best


def _results(annotation: Mapping[str, Any]) -> list[dict[str, Any]]:
    results = annotation.get("result")
    found = results if isinstance(results, list) else []
    return [result for result in found if isinstance(result, dict)]


def _flat(value: Any, key: str) -> list[Any]:
    """Return the values of a control: of a string, a list, or `{key: [...]}`."""
    if isinstance(value, dict):
        value = value.get(key, [])
    if isinstance(value, list):
        return [part for item in value for part in _flat(item, key)]
    return [] if value is None or value == "" else [value]


def _parsed(row: Row) -> Row:
    """Return a row of CSV with those cells read that hold JSON."""
    return row._replace(values={n: _cell(v) for n, v in row.values.items()})


def _cell(value: str) -> Any:
    if not value.startswith(('{"choices"', '{"text"', "[{")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value

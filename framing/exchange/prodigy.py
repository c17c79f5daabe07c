"""Prodigy: tasks of `db-out` with an answer each.

`ignore` is no decision. Rejecting a binary task says that its label does not apply;
rejecting a task with options says that the task is no good, not that no code applies.
Names from Prodigy's docs (annotation interfaces, 2026).
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from framing.codebook import Codebook
from framing.errors import shown
from framing.exchange.decision import Decision, Log, Reading, facts_among, facts_of
from framing.exchange.jsonfile import Row, json_rows
from framing.exchange.members import Member
from framing.exchange.stances import stance_text
from framing.exchange.times import iso_time
from framing.records import Label

ANSWERS = ("accept", "reject", "ignore")


def read(member: Member, how: Reading, log: Log) -> Iterator[Decision]:
    """Yield the decisions of a dataset; binary tasks of one text are one decision."""
    log.say(f"{member.name}: Prodigy, coder by _annotator_id")
    binary: dict[tuple[str, str], list[Row]] = {}
    for row in json_rows(member, log):
        values = row.values
        answer = values.get("answer")
        if answer not in ANSWERS:
            log.skip(
                row.where, f"answer is {shown(answer, 30)!r}, not accept or reject"
            )
        elif answer == "ignore":
            log.dropped["ignored"] += 1
        elif "accept" in values or "options" in values:
            if answer == "reject":
                log.dropped["rejected with all its options"] += 1
            else:
                yield _decision(row, _chosen(values, how), how, explicit=True)
        elif isinstance(values.get("label"), str):
            binary.setdefault((_coder(values), _item(values)), []).append(row)
        elif "spans" in values:
            log.skip(row.where, "spans, not codes of the whole text")
        else:
            log.skip(row.where, "neither a label nor options to choose from")
    yield from _asked_one_by_one(list(binary.values()), how, log)


def write(labels: Sequence[Label], codebook: Codebook) -> dict[str, str]:
    """Return a task with all codes as options per decision.

    Hashes are left to `prodigy db-in`, which makes them from the task.
    """
    single = codebook.coding == "single"
    options = [{"id": code.name, "text": code.title} for code in codebook.codes]
    lines = []
    for label in labels:
        facts = facts_of(label)
        if label.stance:  # shown under the task, where only text can be
            facts["stance"] = stance_text(label.stance)
        seconds = _seconds(label.time)
        if seconds is not None and iso_time(seconds) == label.time:
            del facts["time"]
        task = {
            "text": label.text,
            "meta": facts,
            "options": options,
            "_view_id": "choice",
            "config": {"choice_style": "single" if single else "multiple"},
            "accept": list(label.codes),
            "answer": "accept",
            "_timestamp": seconds,
            "_annotator_id": label.coder,
            "_session_id": label.coder,
        }
        task = {name: value for name, value in task.items() if value is not None}
        lines.append(json.dumps(task, ensure_ascii=False) + "\n")
    return {"": "".join(lines)}


def _asked_one_by_one(
    tasks: Sequence[Sequence[Row]], how: Reading, log: Log
) -> Iterator[Decision]:
    """Yield what one coder said of one text, label by label; a later answer counts."""
    for rows in tasks:
        answers: dict[str, bool] = {}
        for row in rows:
            answers[row.values["label"]] = row.values["answer"] == "accept"
        names = [name for name, said_yes in answers.items() if said_yes]
        yield _decision(rows[-1], names, how, explicit=True)
    if tasks:
        asked = sorted({shown(r.values["label"], 30) for rows in tasks for r in rows})
        log.say(
            f"tasks with one label each ({', '.join(asked)}): a code that was not "
            "asked about, or rejected, counts as not given"
        )


def _decision(
    row: Row, names: Sequence[Any], how: Reading, *, explicit: bool
) -> Decision:
    values = row.values
    meta = values.get("meta")
    stated = {**(meta if isinstance(meta, dict) else {}), **values}
    facts = facts_among(stated, how.id_column)
    if values.get("_timestamp") is not None:
        facts["time"] = values["_timestamp"]
    return Decision(
        row.where,
        row.row,
        values.get(how.text_column or "text"),
        tuple(names),
        _coder(values),
        f"prodigy-{_item(values)}",
        facts,
        explicit,
    )


def _chosen(values: dict[str, Any], how: Reading) -> list[Any]:
    """Return the chosen options by their id, or by their text if that is the code."""
    options = values.get("options")
    texts = {
        str(option.get("id")): option.get("text")
        for option in (options if isinstance(options, list) else [])
        if isinstance(option, dict)
    }
    accepted = values.get("accept", [])
    if not isinstance(accepted, list):
        accepted = [accepted]
    return [
        name if how.find(str(name)) else texts.get(str(name)) or name
        for name in accepted
    ]


def _coder(values: dict[str, Any]) -> str:
    name = values.get("_annotator_id") or values.get("_session_id")
    return "" if name is None else str(name)


def _item(values: dict[str, Any]) -> str:
    """Return what is the same for all tasks on one text."""
    given = values.get("_input_hash")
    if given is not None:
        return str(given)
    text = str(values.get("text")).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:12]


def _seconds(time: str) -> int | None:
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return None
    return int(moment.timestamp()) if moment.tzinfo else None

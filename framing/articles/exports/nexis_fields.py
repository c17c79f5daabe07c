"""Names of the fields in Nexis exports, in the languages of its pages."""

import re
from unicodedata import combining, normalize

from framing.articles.exports.item import field_key

NAMES = {
    "section": "section rubrik ressort rubrique seccion sezione secao rubriek",
    "length": "length lange laenge longueur longitud extension lunghezza comprimento "
    "lengte",
    "byline": "byline autor autoren verfasser auteur author autore von",
    "headline": "headline uberschrift titel titre titular titolo titulo kop",
    "highlight": "highlight insert encart",
    "dateline": "dateline",
    "body": "body",
    "series": "series",
    "language": "language sprache langue idioma lingua lingue taal",
    "subject": "subject sujet thema tema",
    "location": "geographic geo-localization localisation-geo",
    "company": "company unternehmen firma societe",
    "industry": "industry branche activity-sector secteur-activite",
    "person": "person personne",
    "organization": "organization organisation",
    "ticker": "ticker stock-symbol symbole-boursier",
    "load_date": "load-date date-chargement ladedatum update",
    "publication_type": "publication-type type-publication publikationstyp zeitungstyp",
    "document_type": "document-type",
    "journal_code": "journal-code",
    "correction_date": "correction-date",
    "correction": "correction",
    "distribution": "distribution",
    "graphic": "graphic grafik graphique",
    "copyright": "copyright",
    "type": "type",
    "url": "url",
}
"""Key of each field and how its name is written, without accents.

The English, German and French names are those that exports were seen with; the
others are what the same field is called in Nexis pages of that language.
"""

KEYS = {name: key for key, names in NAMES.items() for name in names.split()}

FIELD = re.compile(r"\s*(?P<name>[^\W\d_][\w /&'-]{0,30}?)\s?:(?:\s+(?P<value>.*)|$)")

COPYRIGHT = re.compile(
    r"\s*(?:copyright\b|©|\(c\)\s|all rights reserved|alle rechte vorbehalten"
    r"|tous droits r)",
    re.IGNORECASE,
)


def field_of(line: str) -> tuple[str, str] | None:
    """Return key and value if the line has the form of a field, known or not."""
    match = FIELD.match(line)
    if not match:
        return None
    return KEYS.get(_plain(match["name"])) or field_key(match["name"]), (
        match["value"] or ""
    ).strip()


def is_known(line: str) -> bool:
    """Whether the line begins with the name of a field of Nexis."""
    match = FIELD.match(line)
    return match is not None and _plain(match["name"]) in KEYS


def _plain(name: str) -> str:
    """Return a name in small letters, without accents, with hyphens."""
    letters = normalize("NFKD", name.casefold().strip().replace(" ", "-"))
    return "".join(c for c in letters if not combining(c))

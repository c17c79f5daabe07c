"""News agencies: outlets whose texts others republish."""

import re

AGENCIES = (
    "AAP",
    "ADN Kronos",
    "AFP",
    "AFX",
    "Agence France-Presse",
    "Agencia EFE",
    "Anadolu Agency",
    "ANI",
    "ANP",
    "ANSA",
    "AP",
    "APA",
    "Asian News International",
    "Associated Press",
    "Australian Associated Press",
    "Belga",
    "Bernama",
    "Bloomberg News",
    "BTA",
    "Canadian Press",
    "China News Service",
    "CTK",
    "Deutsche Presse-Agentur",
    "dpa",
    "dpa International",
    "EFE",
    "IANS",
    "Interfax",
    "IRNA",
    "ITAR-TASS",
    "Jiji Press",
    "KCNA",
    "Keystone-SDA",
    "Kyodo News",
    "Lusa",
    "MTI",
    "NTB",
    "PA Media",
    "PAP",
    "Press Association",
    "Press Trust of India",
    "PTI",
    "Reuters",
    "RIA Novosti",
    "Ritzau",
    "SANA",
    "SPA",
    "Tanjug",
    "TASS",
    "Thomson Reuters",
    "TT News Agency",
    "UNIAN",
    "Ukrinform",
    "United News of India",
    "United Press International",
    "UPI",
    "Xinhua",
    "Yonhap",
)
"""Agencies by the names that collections give them; add what is missing."""

_ENDING = r"(?: (?:news|agency|newswire|wire|service|online|international))*"
_PATTERN = re.compile(
    rf"(?:the )?(?:{'|'.join(re.escape(name) for name in AGENCIES)}){_ENDING}",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"(?:www\.)?([\w-]+)\.(?:com|org|net|ru|cn|fr|de|co\.\w\w)")


def is_agency(source: str) -> bool:
    """Tell whether an outlet is a news agency, by its name or its web address.

    >>> is_agency("Reuters News"), is_agency("apnews.com"), is_agency("AP Weekly")
    (True, True, False)
    """
    name = " ".join(source.replace("_", " ").split())
    if found := _DOMAIN.fullmatch(name.casefold()):
        name = found[1].removesuffix("news").removesuffix("net")
    plain = name.replace("-", " ")
    return bool(_PATTERN.fullmatch(name) or _PATTERN.fullmatch(plain))

"""Features and methods in the words of a methods section."""

FEATURES = {
    "words": "words and word pairs",
    "chars": "runs of letters within words",
    "groups": "groups of seed words",
    "codes": "what these say in sum for a code",
}
"""What a block of features counts, in words."""

METHODS = {
    "count": (
        "the model's decisions were counted, without correction for its errors; such "
        "a share holds if false and missed codes cancel in every outlet"
    ),
    "mean": (
        "the mean of the calibrated scores was taken; such a share holds if scores are "
        "calibrated in every outlet"
    ),
    "ppi": (
        "to the mean score of an outlet was added the mean difference between labels "
        "and scores in its own labelled sentences (prediction-powered inference, "
        "Angelopoulos et al., 2023; the difference estimator of survey sampling, "
        "Särndal et al., 1992)"
    ),
    "acc": (
        "the share of decisions was adjusted by the rates of true and false decisions "
        "among the labels (Rogan & Gladen, 1978)"
    ),
    "pacc": (
        "mean scores were adjusted by those of labelled sentences with and without the "
        "code (Bella et al., 2010)"
    ),
    "em": (
        "shares were estimated by expectation maximisation for shifted priors (Saerens "
        "et al., 2002)"
    ),
    "hierarchical": (
        "to the mean score of an outlet was added what labels say it misses, the mean "
        "difference between labels and scores in the outlet drawn towards that of all "
        "outlets as far as these are alike (prediction-powered inference, Angelopoulos "
        "et al., 2023, with small-area estimation, Fay & Herriot, 1979)"
    ),
}
"""How shares came about, by the method of `framing.prevalence.METHODS`."""

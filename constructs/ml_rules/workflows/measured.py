"""Which way a metric of a model is better, by the words in its name."""

import re
from typing import Final

_LOW: Final = frozenset(
    (
        *("rmse", "mse", "mae", "mape", "smape", "rmsle"),
        *("error", "errors", "loss", "logloss", "brier", "fpr"),
        *("fnr", "perplexity", "wer", "cer", "misclassification", "drift"),
    )
)
_HIGH: Final = frozenset(
    (
        *("auc", "auroc", "auprc", "roc", "accuracy", "acc"),
        *("f1", "fbeta", "precision", "recall", "r2", "gini"),
        *("ks", "map", "ndcg", "mrr", "bleu", "rouge"),
        *("sensitivity", "specificity"),
    )
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+\d?|\d+")


def better_when_high(name: str) -> bool | None:
    """Return whether much of a metric is good, or None where its name does not tell."""
    words = {word.lower() for word in _WORD.findall(name)} | set(re.split(r"[^a-z0-9]+", name.lower()))
    low, high = bool(words & _LOW), bool(words & _HIGH)
    return None if low == high else high

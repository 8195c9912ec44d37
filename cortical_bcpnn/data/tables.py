"""Tables of real values that come with scikit-learn."""

from __future__ import annotations

from os import PathLike

from .dataset import SMALL, Dataset, register, split


@register("breast-cancer")
def breast_cancer(directory: str | PathLike | None = None) -> Dataset:
    """Wisconsin breast cancer: 30 measures of 569 biopsies, malignant or benign; 20 % are for test."""
    from sklearn.datasets import load_breast_cancer

    return _table("breast-cancer", load_breast_cancer())


@register("wine")
def wine(directory: str | PathLike | None = None) -> Dataset:
    """Wine recognition: 13 chemical measures of 178 wines of three growers; 20 % are for test."""
    from sklearn.datasets import load_wine

    return _table("wine", load_wine())


def _table(name: str, data) -> Dataset:
    classes = tuple(map(str, data.target_names))
    return split(name, data.data, data.target, network=SMALL, encoder="mixture", classes=classes)

"""Sigmoids that a psychometric function rises by."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from statistics import NormalDist

import numpy as np

from pytest_vlmperception.analysis.checks import FloatArray

__all__ = ["SIGMOIDS", "Sigmoid"]

# The width of a sigmoid reaches from this share to its complement, as in psignifit.
TAIL = 0.05


class Sigmoid(ABC):
    """A distribution function F of the standard distribution of one shape; F(0) = 0.5."""

    @abstractmethod
    def __call__(self, z: FloatArray) -> FloatArray:
        """Return F(z)."""

    @abstractmethod
    def derivatives(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return F'(z) and F''(z)."""

    @abstractmethod
    def inverse(self, share: float) -> float:
        """Return z with F(z) = `share`, between 0 and 1."""

    @property
    def width(self) -> float:
        """Z from F = 0.05 to F = 0.95."""
        return self.inverse(1.0 - TAIL) - self.inverse(TAIL)

    @property
    def steepness(self) -> float:
        """F'(0) * width: the slope at the middle of a sigmoid of width 1."""
        return float(self.derivatives(np.zeros(1))[0][0]) * self.width


class Logistic(Sigmoid):
    """F(z) = 1 / (1 + exp(-z))."""

    def __call__(self, z: FloatArray) -> FloatArray:
        return np.asarray((1.0 + np.tanh(z / 2.0)) / 2.0, dtype=np.float64)

    def derivatives(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        rest = np.tanh(z / 2.0)
        first = (1.0 - rest) * (1.0 + rest) / 4.0
        return first, -first * rest

    def inverse(self, share: float) -> float:
        return math.log(share / (1.0 - share))


class Normal(Sigmoid):
    """F(z) = Phi(z)."""

    def __call__(self, z: FloatArray) -> FloatArray:
        from scipy.special import ndtr  # a third of a second, and only this shape needs it

        return np.asarray(ndtr(z), dtype=np.float64)

    def derivatives(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        first = np.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
        return first, -z * first

    def inverse(self, share: float) -> float:
        return NormalDist().inv_cdf(share)


SIGMOIDS: dict[str, Sigmoid] = {"logistic": Logistic(), "normal": Normal()}

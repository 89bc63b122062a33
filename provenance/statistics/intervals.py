"""Tail probabilities, intervals and multiple testing; knows no type of the domain."""

from __future__ import annotations

__all__ = [
    "chi_square_quantile",
    "chi_square_tail",
    "clopper_pearson",
    "normal_quantile",
    "student_quantile",
]


def normal_quantile(probability: float) -> float:
    """Quantile of the standard normal distribution.

    Examples
    --------
    >>> round(normal_quantile(0.975), 2)
    1.96
    """
    from scipy.special import ndtri

    return float(ndtri(probability))


def student_quantile(probability: float, degrees: float) -> float:
    """Quantile of Student's t distribution of so many degrees of freedom.

    Examples
    --------
    >>> round(student_quantile(0.975, 4), 2)
    2.78
    """
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def chi_square_tail(statistic: float, degrees: int) -> float:
    """Probability that a chi-square variable of so many degrees exceeds the statistic.

    Examples
    --------
    >>> round(chi_square_tail(6.635, 1), 3)
    0.01
    """
    from scipy.special import chdtrc

    return float(chdtrc(degrees, statistic))


def chi_square_quantile(probability: float, degrees: int) -> float:
    """Quantile of a chi-square variable of so many degrees of freedom.

    Examples
    --------
    >>> round(chi_square_quantile(0.99, 1), 3)
    6.635
    """
    from scipy.special import chdtri

    return float(chdtri(degrees, 1 - probability))


def clopper_pearson(
    successes: float, trials: float, confidence_level: float = 0.95
) -> tuple[float, float]:
    """Exact two-sided interval of a binomial probability (Clopper and Pearson 1934).

    Numbers of trials that are not whole are effective numbers of dependent trials.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 10)
    >>> low, round(high, 4)
    (0.0, 0.3085)
    """
    from scipy.special import betaincinv

    tail = (1 - confidence_level) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    if successes >= trials:
        return low, 1.0
    return low, float(betaincinv(successes + 1, trials - successes, 1 - tail))

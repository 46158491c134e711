"""Colours hold: text and lines stand out from the page, and levers are told apart by eyes of every kind."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from essa import in_words
from essa.report import page

CSS = (page.TEMPLATES / "page.css").read_text(encoding="utf-8")
SCHEMES = dict(zip(("light", "dark", "print"), re.findall(r":root\s*\{(.*?)\}", CSS, re.S), strict=True))
# Machado, Oliveira and Fernandes 2009, severity 1
EYES = {
    "normal": "1 0 0  0 1 0  0 0 1",
    "deutan": "0.367322 0.860646 -0.227968  0.280085 0.672501 0.047413  -0.011820 0.042940 0.968881",
    "protan": "0.152286 1.052583 -0.204868  0.114503 0.786281 0.099216  -0.003882 -0.048116 1.051998",
    "tritan": "1.255528 -0.076749 -0.178779  -0.078411 0.930809 0.147602  0.004733 0.691367 0.303900",
}


def tokens(scheme: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+):\s*(#[0-9a-f]{6})", SCHEMES[scheme]))


def linear(colour: str) -> np.ndarray:
    shares = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(light: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x = to_xyz @ light / np.array([0.9505, 1, 1.089])
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def seen(colour: str, eye: str) -> np.ndarray:
    return lab(np.clip(np.array(EYES[eye].split(), float).reshape(3, 3) @ linear(colour), 0, 1))


def test_contrast_is_measured_as_the_guidelines_have_it() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_stands_out_from_both_grounds(scheme: str) -> None:
    colours = tokens(scheme)
    for name in ("ink", "muted", *in_words.LEVERS):
        for ground in ("bg", "card"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lines_and_marks_stand_out_from_what_they_lie_on(scheme: str) -> None:
    colours = tokens(scheme)
    waits = [f"w{place}" for place in range(len(in_words.WAITING))]
    assert not {f"w{len(in_words.WAITING)}"} & colours.keys()
    for name in (*waits, "total"):
        assert contrast(colours[name], colours["card"]) >= 3, name
    assert contrast(colours["total"], colours["bg"]) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("eye", EYES)
def test_levers_are_told_apart(scheme: str, eye: str) -> None:
    colours = tokens(scheme)
    for one, other in itertools.combinations(in_words.LEVERS, 2):
        assert np.linalg.norm(seen(colours[one], eye) - seen(colours[other], eye)) >= 15, (one, other)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_longer_wait_is_further_from_the_ground(scheme: str) -> None:
    colours = tokens(scheme)
    lightness = [float(lab(linear(colours[f"w{place}"]))[0]) for place in range(len(in_words.WAITING))]
    steps = np.diff(lightness) * (1 if scheme == "dark" else -1)
    assert min(steps) >= 4, lightness


def test_an_ordinary_red_and_green_would_be_refused() -> None:
    assert np.linalg.norm(seen("#b5651d", "deutan") - seen("#6b8e23", "deutan")) < 15

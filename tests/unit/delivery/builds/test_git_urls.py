"""Which git URLs are taken, and what of them is ever shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.delivery.builds.git import configuration, read_url, without_credentials
from roadbed.kit.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "ref", "shown", "wanted"),
    [
        ("https://example.org/orders.git", None, "https://example.org/orders.git", "HEAD"),
        ("https://example.org/orders.git#v1.2", None, "https://example.org/orders.git", "v1.2"),
        ("https://example.org/orders.git", "main", "https://example.org/orders.git", "main"),
        ("https://ada:sesame@example.org:8443/o.git?token=x", None, "https://example.org:8443/o.git", "HEAD"),
        ("ssh://git@example.org/orders.git#feature/x", None, "ssh://git@example.org/orders.git", "feature/x"),
        ("git@example.org:shop/orders.git", None, "git@example.org:shop/orders.git", "HEAD"),
    ],
)
def test_urls_that_are_taken(text: str, ref: str | None, shown: str, wanted: str) -> None:
    found = read_url(text, ref, files=False)
    assert (found.shown, found.ref) == (shown, wanted)


@pytest.mark.parametrize(
    ("text", "ref", "message"),
    [
        ("http://example.org/x.git", None, "not fetched by http"),
        ("git://example.org/x.git", None, "not fetched by git"),
        ("ext::sh -c id", None, "neither spaces"),
        ("ext::sh", None, "not fetched by ext"),
        ("file:///etc", None, "git URLs of files are not taken here"),
        ("/etc", None, "not fetched by a path"),
        ("-oProxyCommand=id:x", None, "not fetched"),
        ("ssh://-oProxyCommand=id/x", None, "names no host"),
        ("https:///x.git", None, "names no host"),
        ("https://[::1/x.git", None, "this is no URL"),
        ("https://example.org/x.git\nHost: y", None, "neither spaces nor line ends"),
        ("https://example.org/x.git#--upload-pack=id", None, "is no branch, tag or revision"),
        ("https://example.org/x.git", "a..b", "is no branch, tag or revision"),
        ("https://example.org/x.git", "a:refs/heads/b", "is no branch, tag or revision"),
        ("https://example.org/x.git#v1", "v2", "two revisions are asked for"),
    ],
)
def test_urls_that_are_not(text: str, ref: str | None, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_url(text, ref, files=False)


@given(st.text(max_size=80), st.none() | st.text(max_size=20))
def test_no_text_gives_anything_but_a_url_or_a_sentence(text: str, ref: str | None) -> None:
    try:
        found = read_url(text, ref, files=False)
    except InvalidInput:
        return
    assert found.url.startswith(("https://", "ssh://")) or ":" in found.url
    assert not found.ref.startswith("-")


def test_only_what_is_asked_for_may_carry() -> None:
    plain = configuration(read_url("https://example.org/x.git", None, files=False)).decode()
    assert '[protocol "https"]' in plain
    assert '[protocol "file"]' not in plain


def test_what_git_says_is_shown_without_credentials() -> None:
    wanted = read_url("https://ada:sesame@example.org/x.git", None, files=False)
    said = "unable to access 'https://ada:sesame@example.org/x.git/': see https://ada:sesame@mirror/"
    assert "sesame" not in without_credentials(said, wanted)

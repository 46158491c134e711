"""The feeds file says every mistake at once, by name, and what was probably meant."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from essa import settings_file
from essa.errors import FeedError, UsageError
from essa.feeds import Calendar, Feed, read

PLAIN = """
feeds:
  a:
    provider: P
    process: X
    files: a.csv
    columns: {case_id: Ref, activity: Step, ended_at: End}
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "feeds.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(UsageError) as refused:
        read(written(folder, text))
    assert refused.value.exit_code == 2
    return str(refused.value)


def test_files_are_looked_for_beside_the_feeds_file(tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    folder = tmp_path / "here [1]"
    folder.mkdir()
    (folder / "a.csv").touch()
    (feed,) = read(written(folder, PLAIN))
    from essa.delivery import files

    assert files(feed) == [folder / "a.csv"]
    assert feed.name == "a" and feed.file_format == "csv"


def test_a_link_is_followed_within_the_folder_and_not_out_of_it(tmp_path):
    from essa.delivery import files

    (tmp_path / "real [1]").mkdir()
    landing = tmp_path / "landing"
    landing.symlink_to(tmp_path / "real [1]")
    (landing / "a.csv").touch()
    (landing / "b.csv").symlink_to("a.csv")
    feed = read(written(tmp_path, PLAIN.replace("a.csv", "landing/*.csv")))[0]
    inner = read(written(tmp_path, PLAIN.replace("a.csv", "real [[]1]/**/*.csv")))[0]
    assert [path.name for path in files(feed)] == [path.name for path in files(inner)] == ["a.csv", "b.csv"]
    (tmp_path / "other.csv").touch()
    (landing / "c.csv").symlink_to("../other.csv")
    for one in (feed, inner):
        with pytest.raises(FeedError, match="leads out of it"):
            files(one)


def test_a_pipe_in_place_of_a_file_is_there_but_no_file(tmp_path):
    from essa.delivery import files

    os.mkfifo(tmp_path / "a.csv")
    (feed,) = read(written(tmp_path, PLAIN))
    with pytest.raises(FeedError, match="is there, but no file"):
        files(feed)


def test_a_folder_that_holds_a_password_is_named_without(tmp_path):
    from essa.delivery import files

    (feed,) = read(written(tmp_path, PLAIN.replace("a.csv", "sftp:/bob:hunter2@host/x.csv")))
    with pytest.raises(FeedError, match=r"x\.csv in ") as refused:
        files(feed)
    assert "hunter2" not in str(refused.value)


def test_an_absolute_pattern_stands_as_it_is(tmp_path):
    (feed,) = read(written(tmp_path, PLAIN.replace("a.csv", "/elsewhere/*/a.csv")))
    assert feed.files == "/elsewhere/*/a.csv"


def test_every_mistake_is_said_at_once_with_its_place(tmp_path):
    told = refusal(
        tmp_path,
        """
feeds:
  a:
    provder: P
    process: {colum: Process}
    files: a.csv
    timezone: Asia/Kolkatta
    columns: {case: Ref, activity: Step, ended_at: End}
    contract: {kind: fte, cost_per_hours: 3}
    calendar: {day: mon-fri}
  b:
    provider: 3
    process: X
    files: b.docx
    country: Germany
    identical_rows: maybe
    columns: {case_id: Ref, activity: Step}
  c:
    provider: P
    process: X
    files: c.csv
    timezone: Foo/Bar
    zebra: 3
    columns: {case_id: Ref, activity: Step, ended_at: End}
    attributes: [Amount]
    known_at_start: [Policy]
    contract: {kind: per_transaction, cost_per_hour: 3, currency: euro}
    calendar: {days: monday, hours: 9-18, holidays: XX}
feed: {}
""",
    )
    for line in [
        "feeds.a.provder: unknown; did you mean `provider`?",
        "feeds.a.provider: missing",
        "feeds.a.process.colum: unknown; did you mean `column`?",
        "feeds.a.timezone: no such time zone; did you mean `Asia/Kolkata`?",
        "feeds.a.columns.case: unknown; did you mean `case_id`?",
        "feeds.a.columns.case_id: missing",
        "feeds.a.contract.cost_per_hours: unknown; did you mean `cost_per_hour`?",
        "feeds.a.calendar.day: unknown; did you mean `days`?",
        "feeds.b.provider: must be a text; put it in quotes",
        "feeds.b.format: cannot be told from `b.docx`",
        "feeds.b.country: must be two capital letters, for example IN",
        "feeds.b.identical_rows: must be one of 'keep' or 'drop'",
        "feeds.b.columns: ended_at is missing",
        "feeds.c.timezone: no such time zone; write it as Region/City",
        "feeds.c.calendar.days: `monday` is not like",
        "feeds.c.calendar.hours: `9-18` is not like",
        "feeds.c.calendar.holidays: no calendar of public holidays for `XX`",
        "feeds.c.contract.currency: must be three capital letters",
        "feeds.c.contract: a per_transaction contract needs price_each",
        "feeds.c.known_at_start: not among the attributes: Policy",
        "feeds.c.zebra: unknown; known are provider,",
        "feed: unknown; did you mean `feeds`?",
    ]:
        assert line in told, line
    assert re.search(r": 2[3-9] mistakes", told)
    assert told.index("feeds.a.columns") < told.index("feeds.b.provider") < told.index("feeds.c.known_at_start")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "feeds"),
        ("# nothing\n", "feeds"),
        ("- a\n- b\n", "the file"),
        ("just text", "the file"),
        ("42", "the file"),
        ("feeds:\n", "feeds"),
        ("feeds: []\n", "feeds"),
        ("feeds: {}\n", "feeds"),
        ("feeds:\n  a:\n", "feeds.a: a feed is a block"),
        ("feeds:\n  a: text\n", "feeds.a: a feed is a block"),
        ("feeds:\n  - provider: P\n", "feeds"),
        ("feeds:\n  a: [\n", "not YAML"),
        ("feeds: {a: b: c}\n", "not YAML"),
        ("feeds:\n\ta: 1\n", "not YAML"),
        ("feeds: !!python/object/apply:os.system ['true']\n", "not YAML"),
        ("feeds: {a: {since: 2026-02-30}}\n", "no such day"),
        ("feeds: {a: {lookback: !!int days}}\n", "no such day"),
        ("feeds: {a: {since: !!timestamp today}}\n", "no such day"),
        ("feeds: {? [a, b] : 1}\n", "not YAML"),
        ("feeds: {? {a: b} : 1}\n", "not YAML"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("feeds:\n  'a b':\n    provider: P\n", "feeds.a b"),
        ("feeds:\n  ../a:\n    provider: P\n", "feeds.(feed 1)"),
        ("feeds:\n  1:\n    provider: P\n", "feeds.1"),
        (PLAIN + "    provider: Q\n", "`provider` is said twice"),
        (PLAIN.replace("  a:", "  a: &a", 1) + "  b:\n    <<: *a\n", "`<<` is not understood"),
        (PLAIN + PLAIN.replace("feeds:", ""), "`a` is said twice"),
        (PLAIN + "    name: other\n", "feeds.a.name: unknown"),
        (PLAIN + "    folder: /etc\n", "feeds.a.folder: unknown"),
        (PLAIN + "    url: s3://x/y.csv\n", "write one of `files:`, `url:` or `database:`, not several"),
        (PLAIN.replace("    files: a.csv\n", ""), "feeds.a: write one of `files:`, `url:` or `database:`"),
        (PLAIN + "    query: SELECT 1\n", "feeds.a.query: goes with `database:`"),
        (PLAIN + "    options: {key: env KEY}\n", "feeds.a.options: goes with `url:`"),
        (PLAIN + "    attributes: Amount\n", "feeds.a.attributes"),
        (PLAIN + "    attributes: [A, A]\n", "named twice: A"),
        (PLAIN + "    attributes: [Essa_Way]\n", "feeds.a.attributes: Essa_Way: have the sender"),
        (PLAIN + "    known_at_start: [A]\n", "not among the attributes: A"),
        (PLAIN + "    calendar: {}\n", "needs the feed's `timezone:`"),
        (PLAIN + "    timezone: UTC\n    calendar: {days: monday}\n", "is not like mon-fri"),
        (PLAIN + "    timezone: UTC\n    calendar: {hours: 9-18}\n", "is not like"),
        (PLAIN + '    timezone: UTC\n    calendar: {hours: "25:00-26:00"}\n', "no span of a day"),
        (PLAIN + "    timezone: UTC\n    calendar: {hours: 09:00}\n", "hours"),
        (PLAIN + "    timezone: UTC\n    calendar: nine to five\n", "feeds.a.calendar: must be a block"),
        (PLAIN + "    attributes: [3]\n", "feeds.a.attributes.0: must be a text"),
        (PLAIN + "    robots: BOT\n", "feeds.a.robots: must be a list"),
        (PLAIN.replace("process: X", "process: {column: ''}"), "feeds.a.process.column: must not be empty"),
        (PLAIN.replace("process: X", "process: ''"), "feeds.a.process: must not be empty"),
        (PLAIN.replace("process: X", r'process: "\u2066X"'), "feeds.a.process: has a mark that nobody sees (U+2066)"),
        (PLAIN.replace("provider: P", r'provider: "\u202EammaG"'), "feeds.a.provider: has a mark that nobody sees"),
        (PLAIN.replace("provider: P", "provider: " + "P" * 101), "feeds.a.provider: must be at most 100 characters"),
        (PLAIN.replace("process: X", "process: " + "X" * 101), "feeds.a.process: must be at most 100 characters"),
        (PLAIN.replace("  a:", '  "a\\n":'), "must be letters, digits and _"),
        (PLAIN.replace("process: X", "process: [X]"), "feeds.a.process: must be"),
        (PLAIN + "    timezone: UTC\n    calendar: {holidays: XX}\n", "no calendar of public holidays for `XX`"),
        (PLAIN + "    timezone: UTC\n    calendar: {holidays: DE-ZZ}\n", "no calendar of public holidays for `DE-ZZ`"),
        (PLAIN + '    datetime_format: "%H:%M"\n', "needs day, month and year"),
        (PLAIN + "    delimiter: ';;'\n", "feeds.a.delimiter"),
        (PLAIN + "    sheet: S\n", "feeds.a.sheet: goes with xlsx; a file of csv has none"),
        (PLAIN.replace("csv", "jsonl") + "    encoding: cp1252\n", "feeds.a.encoding: goes with csv; a file of"),
        (PLAIN.replace("csv", "xlsx") + "    delimiter: ';'\n", "feeds.a.delimiter: goes with csv"),
        (PLAIN + "    contract: {kind: fte}\n", "needs cost_per_hour"),
        (PLAIN + "    contract: {kind: fte, cost_per_hour: -3, currency: EUR}\n", "cost_per_hour"),
        (PLAIN + "    contract: {kind: fte, cost_per_hour: .nan, currency: EUR}\n", "cost_per_hour"),
        (PLAIN + "    contract: {kind: fte, cost_per_hour: .inf, currency: EUR}\n", "cost_per_hour"),
        (PLAIN + "    contract: {kind: fte, cost_per_hour: 3}\n", "needs its currency"),
        (PLAIN.replace("a.csv", "a"), "cannot be told from"),
        (PLAIN.replace("a.csv", "''"), "feeds.a.files"),
        (PLAIN.replace("ended_at: End", "occurred_at: End"), "goes with lifecycle"),
        (PLAIN.replace("ended_at: End", "ended_at: End, occurred_at: At, lifecycle: L"), "not both"),
        (PLAIN.replace("case_id: Ref", "case_id: ''"), "feeds.a.columns.case_id"),
        (PLAIN.replace("activity: Step", "activity: Step, resource: {x: y}"), "feeds.a.columns.resource"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_in_words(tmp_path, text, said):
    told = refusal(tmp_path, text)
    assert said in told
    assert "Traceback" not in told and "pydantic" not in told
    assert not re.search(r"Input should|should match|should have|Value error", told)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(UsageError, match="no feeds file"):
        read(tmp_path / "feeds.yaml")
    with pytest.raises(UsageError, match="no feeds file"):
        read(tmp_path)


def test_an_xes_log_needs_no_columns(tmp_path):
    (feed,) = read(written(tmp_path, "feeds: {a: {provider: P, process: X, files: a.xes.gz}}"))
    assert feed.columns.case_id == "case:concept:name" and feed.columns.lifecycle == "lifecycle:transition"


def base_feed(**more: object) -> Feed:
    columns = {"case_id": "Ref", "activity": "Step", "ended_at": "End"}
    return Feed(**{"provider": "P", "process": "X", "files": "a.csv", "columns": columns, **more})


@pytest.mark.parametrize(
    "more",
    [{"timezone": "UTC"}, {"datetime_format": "%d/%m/%Y"}, {"attributes": ("A",)}, {"robots": ("BOT*",)},
     {"encoding": "cp1252"},
     {"event_id": "Id"}, {"process": "Y"}, {"delimiter": ";"}, {"format": "jsonl"}, {"sheet": "S"},
     {"columns": {"case_id": "Ref", "activity": "Other", "ended_at": "End"}}],
)  # fmt: skip
def test_what_changes_the_reading_changes_its_fingerprint(more):
    assert base_feed(**more).reading_fingerprint() != base_feed().reading_fingerprint()


@pytest.mark.parametrize(
    "more", [{"provider": "Q"}, {"files": "elsewhere/b.csv"}, {"country": "DE"}, {"identical_rows": "drop"}]
)
def test_what_does_not_change_the_reading_leaves_its_fingerprint(more):
    assert base_feed(**more).reading_fingerprint() == base_feed().reading_fingerprint()


@pytest.mark.parametrize(
    ("days", "weekdays"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("sun-thu", {6, 0, 1, 2, 3}),
        ("Mon, wed,SAT", {0, 2, 5}),
        ("fri-mon", {4, 5, 6, 0}),
        ("sun", {6}),
    ],
)
def test_working_days_are_read_around_the_week(days, weekdays):
    assert Calendar(days=days).weekdays() == weekdays


@given(st.integers(0, 95), st.integers(0, 96))
def test_working_hours_are_quarters_and_may_pass_midnight(first, end):
    hours = "-".join(f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in (first, end))
    if first == end:
        return
    begun, done = Calendar(hours=hours).quarters()
    assert begun == first and done % 96 == end % 96 and 0 < done - begun <= 96


# Settings


def test_settings_are_refused_by_name_and_all_at_once(tmp_path):
    path = tmp_path / "settings.yaml"
    assert settings_file.read(path) == settings_file.Settings()
    path.write_text(
        "thread: 3\nfuture_days: -1\nrejected_share_max: 3\nmemory_limit: plenty\n"
        "threads: 100000\nearliest_event_year: 99999\npeople_min: 0\n"
    )
    with pytest.raises(UsageError, match="7 mistakes") as refused:
        settings_file.read(path)
    for line in (
        "thread: unknown; did you mean `threads`?",
        "future_days: must be 0 or more",
        "rejected_share_max: must be 1 or less",
        "memory_limit: must be a size, like 3GB",
        "threads: must be 1024 or less",
        "earliest_event_year: must be 2200 or less",
        "people_min: must be 1 or more",
    ):
        assert line in str(refused.value)


@pytest.mark.parametrize("text", ["- a", "text", "threads: [", "threads: 1\nthreads: 2\n", b"\xff\xfe\x00"])
def test_broken_settings_are_refused_in_words(tmp_path, text):
    path = tmp_path / "settings.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError):
        settings_file.read(path)


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_empty_settings_are_the_defaults(tmp_path, text):
    path = tmp_path / "settings.yaml"
    path.write_text(text)
    assert settings_file.read(path) == settings_file.Settings()


# Where a feed lies that is no file here

PLACE = "files: a.csv"
QUERY = "SELECT * FROM work WHERE at > :since"


def placed(text: str) -> str:
    return PLAIN.replace(PLACE, text.replace("\n", "\n    "))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("url: sftp://reader:hunter2@files.example.com/out/*.csv", "feeds.a.url: a password has no place in this file"),
        ("url: sftp://reader;hunter2@files.example.com/out/*.csv", "feeds.a.url: a password has no place in this file"),
        (
            "database: env PG_URL\nquery: SELECT * FROM work WHERE api_key = 'hunter2'",
            "feeds.a.query: a text in it looks like a password",
        ),
        ("url: https://files.example.com/a.csv?sig=hunter2", "looks like a secret"),
        ("url: https://files.example.com/a.csv?x=1&X-Amz-Signature=hunter2", "looks like a secret"),
        ("url: https://reader:${HUNTER2}@files.example.com/a.csv", "nothing is filled in here"),
        ("url: https://hunter2@files.example.com/a.csv", "what stands before the @ may be a secret"),
        ("url: https://files.example.com/a.csv?SAS=hunter2", "looks like a secret"),
        ("url: https://files.example.com/a.csv?k=hunter2", "looks like a secret"),
        ("url: https://files.example.com/a.csv#token=hunter2", "what follows the # looks like a secret"),
        ("url: https://h.example/a.csv?jwt=hunter2", "what follows the ? looks like a secret"),
        ("url: https://h.example/a.csv?access=hunter2&user=bob", "what follows the ? looks like a secret"),
        ("url: https://h.example/a.csv?a=1;token=hunter2", "what follows the ? looks like a secret"),
        ("url: https://h.example/a.csv;sig=hunter2", "what follows the ; looks like a secret"),
        ("url: https://h.example/a.csv?%74oken=hunter2", "what follows the ? looks like a secret"),
        ("url: https://h.example/a.csv?eyJhbGciOiJIUzI1NiJ9hunter2", "what follows the ? looks like a secret"),
        ("url: https://h.example/ghp_hunter2ijklmnopqrstuvwxyz0123/a.csv", "a part of it looks like a token"),
        ("url: s3://AKIAIOSFODNN7EXAMPLE@bucket/a.csv", "feeds.a.url: a part of it looks like a token"),
        ("url: gs://hunter2@bucket/a.csv", "what stands before the @ may be a secret"),
        ("url: az://hunter2@bucket/a.csv", "what stands before the @ may be a secret"),
        (
            'url: sftp://h.example/a.csv\noptions: {key_file: "-----BEGIN OPENSSH PRIVATE KEY-----\\nhunter2"}',
            "options.key_file: is the key itself, which has no place in this file; write where its file lies",
        ),
        (
            "url: s3://bucket/a.csv\noptions: {profile: AKIAIOSFODNN7EXAMPLE}",
            "options.profile: looks like a key or a token, which has no place in this file; write `profile: env NAME`",
        ),
        (
            "database: mssql://h/db?odbc_connect=DRIVER%3D%7BX%7D%3BPWD%3Dhunter2\nquery: SELECT 1",
            "feeds.a.database: what follows the ? looks like a secret",
        ),
        (
            "database: env PG_URL\nquery: SELECT * FROM dblink($x$password=hunter2$x$)",
            "feeds.a.query: a text in it looks like a password",
        ),
        (
            "database: env PG_URL\nquery: SELECT * FROM dblink(E'pass\\167ord=hunter2')",
            "feeds.a.query: a text in it looks like a password",
        ),
        (
            "database: env PG_URL\nquery: SELECT * FROM dblink('pass' || 'word=hunter2')",
            "feeds.a.query: a text in it looks like a password",
        ),
        ("database: env PG_URL\nquery: SELECT * INTO copy FROM work", "holds `INTO`, which writes"),
        ("database: env PG_URL\nquery: SELECT '--' INTO copy FROM work", "holds `INTO`, which writes"),
        ("database: env PG_URL\nquery: SELECT 1 INTO OUTFILE '/tmp/x'", "holds `INTO`, which writes"),
        ("database: env PG_URL\nquery: WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a", "which writes"),
        ("database: env PG_URL\nquery: WITH a AS (SELECT 1) UPDATE t SET x = 1", "holds `UPDATE`, which writes"),
        ("database: env PG_URL\nquery: SELECT 1 /*!50000 INTO OUTFILE 'x' */", "which MySQL carries out"),
        (
            "url: sftp://files.example.com/a.csv\noptions: {username: 'bob:hunter2'}",
            "options.username: holds what may be",
        ),
        (
            "url: s3://bucket/a.csv\noptions: {endpoint_url: 'https://bob:hunter2@s3.example.com'}",
            "feeds.a.options.endpoint_url: a password has no place in this file",
        ),
        (
            "database: env PG_URL\nquery: SELECT * FROM dblink('host=b password=hunter2', 'SELECT 1')",
            "feeds.a.query: a text in it looks like a password",
        ),
        (
            "database: env PG_URL\nquery: SELECT * FROM postgres_scan('postgresql://bob:hunter2@db/x')",
            "feeds.a.query: a text in it looks like a password",
        ),
        ("files: sftp://bob:hunter2@127.0.0.1/x.csv", "feeds.a.files: is a URL"),
        ("files: sftp://bob:hunter2@127.0.0.1/x", "feeds.a.files: is a URL"),
        ("files: ./bob:hunter2@127.0.0.1/x", "cannot be told from"),
        ("url: http://files.example.com/a.csv", "http:// can be read on the way"),
        ("url: ftp://files.example.com/a.csv", "must begin with one of https://, s3://, sftp://, gs://, az://"),
        ("url: /here/a.csv", "must begin with one of"),
        ("url: https://[files/a.csv", "feeds.a.url: is not a URL"),
        ("url: https://files.example.com:port/a.csv", "feeds.a.url: is not a URL"),
        ("url: s3://bucket", "must name a server and a file"),
        ("url: env ALPHA_URL", "feeds.a.format: cannot be told from the end of the url"),
        ("url: s3://bucket/a", "cannot be told from the end of the url"),
        ("url: s3://bucket/a.csv\noptions: {secret: hunter2}", "feeds.a.options.secret: is a secret"),
        ("url: s3://bucket/a.csv\noptions: {secret: 12345}", "write `secret: env NAME` or `block NAME`"),
        ("url: s3://bucket/a.csv\noptions: {profile: '${HUNTER2}'}", "feeds.a.options.profile: is a secret"),
        ("url: s3://bucket/a.csv\noptions: {secrt: env KEY}", "unknown; did you mean `secret`?"),
        ("url: s3://bucket/a.csv\noptions: {endpoint_url: 'http://s3.example.com'}", "http:// can be read on the way"),
        ("url: s3://bucket/a.csv\noptions: {anon: [yes]}", "must be a text, a number, true or false"),
        ("url: sftp://files.example.com/a.csv\noptions: {key: env KEY}", "feeds.a.options.key: unknown"),
        ("url: 3", "feeds.a.url: must be a text"),
        (f"database: postgresql://reader:hunter2@db/work\nquery: {QUERY}", "feeds.a.database: a password has no place"),
        (f"database: postgresql://db/work?password=hunter2\nquery: {QUERY}", "looks like a secret"),
        (f"database: oracle://db/work\nquery: {QUERY}", "must be `env NAME` or `block NAME`, or begin"),
        ("database: env PG_URL", "feeds.a.query: missing"),
        ("database: env PG_URL\nquery: DELETE FROM work", "feeds.a.query: must be one SELECT"),
        ("database: env PG_URL\nquery: SELECT 1; DROP TABLE work", "feeds.a.query: must be one SELECT"),
        ("database: env PG_URL\nquery: SELECT 1\nformat: csv", "feeds.a.format: rows of a query have none"),
        ("database: env PG_URL\nquery: SELECT 1\nwatermark: at", "add `WHERE at > :since`"),
        (f"database: env PG_URL\nquery: {QUERY}", "feeds.a.watermark: missing"),
        (f"database: env PG_URL\nquery: {QUERY}\nwatermark: at", "feeds.a.since: missing"),
        (f"database: env PG_URL\nquery: {QUERY}\nwatermark: at\nsince: soon", "feeds.a.since: must be a day"),
        (f"database: env PG_URL\nquery: {QUERY}\nwatermark: at\nsince: 2026-01-01\nlookback: 3", "of the kind of"),
        (f"database: env PG_URL\nquery: {QUERY}\nwatermark: at\nsince: 5\nlookback: 3 days", "of the kind of"),
        (f"database: env PG_URL\nquery: {QUERY}\nwatermark: at\nsince: 5\nlookback: 3 weeks", "like `3 days`"),
    ],
)
def test_a_place_that_cannot_be_is_refused_and_no_secret_repeated(tmp_path, text, said):
    told = refusal(tmp_path, placed(text))
    assert said in told
    assert "hunter2" not in told.lower() or "${" in text


PASSWORD_AS_KEY = "'postgresql://u:hunter2@h/x'"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PLAIN.replace("  a:", f"  {PASSWORD_AS_KEY}:"), "feeds.(feed 1): must be letters"),
        (PLAIN + f"    {PASSWORD_AS_KEY}: 1\n", "feeds.a.(a key): unknown"),
        (PLAIN.replace("files: a.csv", f"url: env URL\n    format: csv\n    options: {{{PASSWORD_AS_KEY}: 1}}"),
         "feeds.a.options.(a key): unknown"),
        (f"{PASSWORD_AS_KEY}: 1\n{PLAIN}", "(a key): unknown"),
        (f"{PLAIN}    {PASSWORD_AS_KEY}: 1\n    {PASSWORD_AS_KEY}: 1\n", "`(a key)` is said twice"),
        (PLAIN + f"    known_at_start: [{PASSWORD_AS_KEY}]\n", "not among the attributes"),
        (PLAIN + "    attributes: [hunter2@posta.example]\n", "feeds.a.attributes.0: holds what is somebody's own"),
        (PLAIN + "    attributes: [Amount, Konto DE89370400440532013000]\n", "feeds.a.attributes.1: holds what"),
        (PLAIN.replace("provider: P", "provider: Call hunter2@posta.example"), "feeds.a.provider: holds what"),
        (PLAIN.replace("process: X", "process: Of hunter2@posta.example"), "feeds.a.process: holds what"),
    ],
)  # fmt: skip
def test_what_is_secret_or_personal_in_the_wrong_place_is_refused_and_not_repeated(tmp_path, text, said):
    told = refusal(tmp_path, text)
    assert said in told
    assert "hunter2" not in told and "DE8937" not in told


@pytest.mark.parametrize(
    "text",
    [
        "url: sftp://reader@files.example.com:2222/out/**/*.csv.gz",
        "url: env ALPHA_URL\nformat: csv\noptions: {password: env ALPHA_PASSWORD}",
        "url: http://localhost:8080/a.csv",
        "url: s3://bucket/a.csv\noptions: {key: env K, endpoint_url: 'http://127.0.0.1:9000', anon: false}",
        "database: env PG_URL\nquery: SELECT 1",
        f"database: env PG_URL\nquery: {QUERY}\nwatermark: at\nsince: 2026-01-01\nlookback: 3 days",
        f"database: sqlite:///work.db\nquery: {QUERY}\nwatermark: at\nsince: 0\nlookback: 10",
        "url: https://files.example.com/disaster/a%23b.csv?day=1#page",
        "database: env PG_URL\nquery: SELECT * FROM work WHERE password_set = 'yes' AND note <> 'a:b@c'",
        "database: env PG_URL\nquery: WITH x AS (SELECT ';' AS y) SELECT * FROM x;",
        "database: env PG_URL\nquery: SELECT updated_at, replace(step, 'a', 'into') AS step FROM work -- into what",
        'database: env PG_URL\nquery: SELECT "into", `delete`, (replace(a, b, c)) FROM work FOR UPDATE',
        "database: env PG_URL\nquery: WITH x AS (SELECT 1) SELECT insert_user FROM x WHERE note ~ E'\\\\d+' -- it's",
        "database: postgresql://reader@db:5432/work?sslmode=verify-full&application_name=essa\nquery: SELECT 1",
        "database: mssql://db/work?driver=ODBC+Driver+18+for+SQL+Server&Encrypt=yes\nquery: SELECT 1",
        "url: https://files.example.com/a.csv?keyword=monkey&country_code=NL&author=x&sort_key=day&accessible=1",
        "url: https://files.example.com/access/key/token/a.csv?from=2026-01-01&view=design#authors",
        "url: sftp://files.example.com/a.csv\noptions: {username: bob, key_file: keys/id_ed25519, known_hosts: hosts}",
        "url: s3://monkey-bucket/passwords-reset/a.csv\noptions: {profile: analytics, region: eu-west-1}",
        "url: gs://bucket/a.csv\noptions: {token: env GOOGLE_JSON, project: back-office}",
    ],
)
def test_a_place_that_can_be_is_taken(tmp_path, text):
    (feed,) = read(written(tmp_path, placed(text)))
    assert feed.file_format in ("csv", "parquet")


def test_a_database_that_is_a_file_is_looked_for_beside_the_feeds_file(tmp_path):
    (feed,) = read(written(tmp_path, placed("database: sqlite:///in/work.db\nquery: SELECT 1")))
    assert feed.database == f"sqlite:///{tmp_path}/in/work.db"


def test_a_line_that_is_not_yaml_is_not_repeated(tmp_path):
    told = refusal(tmp_path, "feeds:\n  a: {url: https://r:hunter2@x/a.csv\n  b: 1\n")
    assert "line " in told and "hunter2" not in told

"""How long an annotator waits: submit → next item painted, in real Chromium.

    uv run python benchmarks/judging.py [--units 60]

Starts the real server (`manage.py serve`) on a temporary data directory that holds a
batch made through our own actions: outputs of 2 kB of Markdown, a rubric of five
ordinal criteria. Chromium then judges by keyboard alone and a table is printed:

    key → painted   from the keydown that submits to the frame that shows the next item
    bytes           of that one request, as transferred and as HTML
    beside          drafts and the preparing of the next item, while one judges
    plain           the same work with the scripts blocked: forms and whole pages

A row each for units whose successor had been prepared (the person read for a second or
longer) and for units submitted at once. CHROMIUM names the browser if it is not found.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
CRITERIA = ["accuracy", "completeness", "clarity", "tone", "safety"]
KEYS = "43524"

# The frame after the swap, and the task after that frame: by then it is painted.
PAINTED_AFTER_SWAP = """
window.painted = [];
let pressed = 0;
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) pressed = event.timeStamp;
}, true);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "screen" || !pressed) return;
  const since = pressed;
  pressed = 0;
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => window.painted.push(performance.now() - since);
    channel.port2.postMessage(0);
  });
});
"""
# A page of its own: its first contentful paint, on the clock of the page before.
PAINTED_AFTER_LOAD = """
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    sessionStorage.setItem("pressed", performance.timeOrigin + event.timeStamp);
  }
}, true);
new PerformanceObserver((list) => {
  const since = sessionStorage.getItem("pressed");
  const [paint] = list.getEntriesByName("first-contentful-paint");
  if (paint && since) window.painted = performance.timeOrigin + paint.startTime - since;
}).observe({ type: "paint", buffered: true });
"""


@dataclass
class Exchange:
    """One request, as the browser's network log tells it."""

    method: str
    path: str
    bytes: int = 0
    length: int = 0
    ended: bool = False


@dataclass
class Traffic:
    """What goes over the network for one page, in order."""

    session: CDPSession
    exchanges: dict[str, Exchange] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.session.send("Network.enable")
        self.session.on("Network.requestWillBeSent", self.sent)
        self.session.on("Network.responseReceived", self.answered)
        self.session.on("Network.dataReceived", self.received)
        self.session.on("Network.loadingFinished", self.finished)

    def sent(self, event: dict[str, Any]) -> None:
        """A redirect comes as the same request again; what it cost is its own row."""
        if redirect := event.get("redirectResponse"):
            before = self.exchanges.pop(event["requestId"])
            before.bytes, before.ended = int(redirect["encodedDataLength"]), True
            self.exchanges[f"{event['requestId']} {len(self.exchanges)}"] = before
        request = event["request"]
        path = "/" + request["url"].split("/", 3)[-1]
        self.exchanges[event["requestId"]] = Exchange(request["method"], path)

    def answered(self, event: dict[str, Any]) -> None:
        """An answer without a body has ended here; the log says no more of it."""
        exchange = self.exchanges.get(event["requestId"])
        if exchange and event["response"]["status"] == 204:
            exchange.bytes = int(event["response"]["encodedDataLength"])
            exchange.ended = True

    def received(self, event: dict[str, Any]) -> None:
        if exchange := self.exchanges.get(event["requestId"]):
            exchange.length += event["dataLength"]

    def finished(self, event: dict[str, Any]) -> None:
        if exchange := self.exchanges.get(event["requestId"]):
            exchange.bytes = int(event["encodedDataLength"])
            exchange.ended = True

    def take(self) -> list[Exchange]:
        found = list(self.exchanges.values())
        self.exchanges.clear()
        return found

    def has(self, end: str) -> bool:
        return any(e.path.endswith(end) and e.ended for e in self.exchanges.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--units", type=int, default=60)
    units = parser.parse_args().units
    with tempfile.TemporaryDirectory(prefix="touchstone-benchmark-") as folder:
        os.environ["TOUCHSTONE_DATA_DIR"] = folder
        os.environ.pop("DATABASE_URL", None)
        port = free_port()
        links = make_work(f"http://127.0.0.1:{port}", units=4 * units)
        with browser_of_a_server(port, Path(folder) / "serve.log") as browser:
            report(browser, links, units)


@contextmanager
def browser_of_a_server(port: int, log: Path) -> Iterator[Browser]:
    """Chromium, while `manage.py serve` answers on this port."""
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}"],
            cwd=ROOT,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        wait_for(port, server, log)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium(),
                args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
            )
            yield browser
            browser.close()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def make_work(base_url: str, *, units: int) -> dict[str, str]:
    """A batch for each way of working; returns a sign-in link for each."""
    bench = Bench(base_url)
    dataset = bench.dataset("Answers", (record(n) for n in range(1, units + 1)))
    links = {
        way: bench.batch(f"Answers, {way}", dataset) for way in ("script", "plain")
    }
    bench.close()
    return links


class Bench:
    """A project with a rubric in the database of the environment, made by our acts."""

    def __init__(self, base_url: str) -> None:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()
        from django.core.management import call_command

        from config.serving import make_folders

        make_folders()
        call_command("migrate", verbosity=0)
        from accounts.actions.people import account_for
        from accounts.actions.projects import create_project
        from rubrics.actions import create_rubric
        from rubrics.shape import read_criteria

        self.base_url = base_url
        self.owner = account_for(email="owner@example.org", name="Owner", by=None)
        self.project = create_project(name="Benchmark", by=self.owner)
        self.rubric_version = create_rubric(
            project=self.project,
            name="Answer quality",
            criteria=read_criteria([criterion(key) for key in CRITERIA]),
            by=self.owner,
            publish=True,
        )

    def dataset(self, name: str, records: Iterable[dict[str, Any]]) -> Any:
        from annotation.actions.datasets import create_dataset
        from annotation.actions.importing import import_outputs
        from annotation.importing.readers import Row

        dataset = create_dataset(project=self.project, name=name, by=self.owner)
        rows = (Row(number, one) for number, one in enumerate(records, 1))
        import_outputs(dataset=dataset, rows=rows, by=self.owner, source="benchmark")
        return dataset

    def batch(self, name: str, dataset: Any, layout: str = "scoring") -> str:
        """An open batch with an annotator of its own; returns their sign-in link."""
        from accounts.actions.members import add_member
        from accounts.actions.people import account_for
        from accounts.links import sign_in_link
        from accounts.models import Role
        from annotation.actions.batches import create_batch
        from annotation.actions.changing import move_batch
        from annotation.actions.guidelines import read_guidelines
        from annotation.actions.units import Selection

        number = self.project.memberships.count()
        email = f"annotator-{number}@example.org"
        user = account_for(email=email, name=f"Annotator {number}", by=None)
        add_member(project=self.project, user=user, role=Role.ANNOTATOR, by=self.owner)
        batch, _, _ = create_batch(
            project=self.project,
            dataset=dataset,
            rubric_version=self.rubric_version,
            name=name,
            layout=layout,
            overlap=1,
            annotators=[user],
            selection=Selection(),
            by=self.owner,
        )
        move_batch(batch=batch, to="open", by=self.owner)
        read_guidelines(batch.members.get(user=user))
        return sign_in_link(user, self.base_url)

    def close(self) -> None:
        """Give the database back to the server that is measured."""
        from django.db import connections

        connections.close_all()


def criterion(key: str) -> dict[str, Any]:
    levels = [
        {"value": step, "label": name, "anchor": f"The answer is {name} in {key}."}
        for step, name in enumerate(["poor", "weak", "fair", "good", "excellent"], 1)
    ]
    return {
        "key": key,
        "question": f"How good is its {key}?",
        "scale": {"kind": "ordinal", "levels": levels},
        "rationale": "optional",
    }


def record(number: int) -> dict[str, Any]:
    sentence = f"In case {number} the invoice was paid twice; **refund** the second. "
    steps = "- check the order\n- check the *account*\n- refund"
    parts = [f"## Answer {number}", sentence * 7, steps, sentence * 30]
    text = "\n\n".join(parts)
    return {
        "id": f"q{number}",
        "input": f"Question {number}: I was charged twice. What now?",
        "outputs": [{"system": "one", "content": text[:2000]}],
    }


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 90
    while "Touchstone is at" not in log.read_text():
        if server.poll() is not None or time.monotonic() > end:
            sys.exit(f"The server did not start:\n{log.read_text()}")
        time.sleep(0.1)


def chromium() -> str:
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        sys.exit("No Chromium on this machine; install it or name it in CHROMIUM.")
    return found


def report(browser: Browser, links: dict[str, str], units: int) -> None:
    page, traffic = begin(browser, links["script"], PAINTED_AFTER_SWAP)
    cold = first_screen(browser, page)
    prepared = by_key(page, traffic, units, prepared=True)
    at_once = by_key(page, traffic, units, prepared=False)
    plain_page, plain_traffic = begin(
        browser, links["plain"], PAINTED_AFTER_LOAD, scripts=False
    )
    plain = by_form(plain_page, plain_traffic, units)

    print(f"\nSubmit → next item painted, {units} units each, by keyboard\n")
    print(f"{'':22}{'median':>9}{'p95':>9}{'requests':>10}{'bytes':>9}{'HTML':>9}")
    for name, run in [
        ("next was prepared", prepared),
        ("submitted at once", at_once),
        ("plain, whole pages", plain),
    ]:
        print(name.ljust(22) + run.line())
    print(f"\nBeside, a unit: {prepared.beside()}")
    print(
        f"First screen, cold: {cold['requests']} requests, {cold['bytes']:,} bytes, "
        f"ready after {cold['ms']:.0f} ms"
    )


@dataclass
class Run:
    painted: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    html: list[int] = field(default_factory=list)
    others: list[Exchange] = field(default_factory=list)

    def line(self) -> str:
        p95 = statistics.quantiles(self.painted, n=20)[-1]
        return (
            f"{statistics.median(self.painted):6.0f} ms{p95:6.0f} ms"
            f"{statistics.median(self.requests):10.0f}"
            f"{statistics.median(self.bytes):9,.0f}{statistics.median(self.html):9,.0f}"
        )

    def beside(self) -> str:
        count, units = len(self.others), len(self.painted)
        size = sum(other.bytes for other in self.others)
        return f"{count / units:.1f} small requests, {size / units:,.0f} bytes"

    def note(self, ms: float, exchanges: list[Exchange]) -> None:
        """One unit; what a script sends meanwhile is beside it, the cache is free."""
        small = ("/draft/", "/following/", "/lease/")
        mine = [e for e in exchanges if e.bytes and not e.path.endswith(small)]
        self.others += [e for e in exchanges if e.path.endswith(small)]
        self.painted.append(ms)
        self.requests.append(len(mine))
        self.bytes.append(sum(e.bytes for e in mine))
        self.html.append(max((e.length for e in mine), default=0))


def begin(
    browser: Browser, link: str, script: str, *, scripts: bool = True
) -> tuple[Page, Traffic]:
    """Signed in, on the first item."""
    context = browser.new_context(viewport={"width": 1360, "height": 800})
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in as").press("Enter")
    page.get_by_role("button", name="Start").first.wait_for()
    page.add_init_script(script)
    session = context.new_cdp_session(page)
    traffic = Traffic(session)
    if not scripts:
        session.send("Network.setBlockedURLs", {"urls": ["*.js"]})
    page.reload()
    page.get_by_role("button", name="Start").first.press("Enter")
    page.locator("#judge").wait_for()
    return page, traffic


def first_screen(browser: Browser, signed_in: Page) -> dict[str, Any]:
    """The item's page with an empty cache."""
    context = browser.new_context(storage_state=signed_in.context.storage_state())
    page = context.new_page()
    traffic = Traffic(context.new_cdp_session(page))
    began = time.perf_counter()
    page.goto(signed_in.url)
    page.wait_for_function("() => document.querySelector('#left')?.textContent")
    ms = (time.perf_counter() - began) * 1000
    page.wait_for_load_state("load")
    page.wait_for_timeout(300)
    exchanges = [e for e in traffic.take() if not e.path.endswith("/following/")]
    context.close()
    return {
        "ms": ms,
        "requests": len(exchanges),
        "bytes": sum(e.bytes for e in exchanges),
    }


def by_key(page: Page, traffic: Traffic, units: int, *, prepared: bool) -> Run:
    run = Run()
    for number in range(units):
        for key in KEYS:
            page.keyboard.press(key)
        if prepared:
            until(page, lambda: traffic.has("/following/"))
        until(page, lambda: all(e.ended for e in traffic.exchanges.values()))
        before = traffic.take()
        page.evaluate("window.painted.length = 0")
        page.keyboard.press("Control+Enter")
        page.wait_for_function("() => window.painted.length > 0", polling=20)
        page.wait_for_timeout(60)
        after = traffic.take()
        if number:  # The first unit warms up.
            run.note(page.evaluate("window.painted[0]"), before + after)
    return run


def by_form(page: Page, traffic: Traffic, units: int) -> Run:
    run = Run()
    for number in range(units):
        for key, level in zip(CRITERIA, KEYS, strict=True):
            page.focus(f"[name=answer-{key}-A][value='{level}']")
            page.keyboard.press("Space")
        traffic.take()
        was = page.url
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, was=was: url != was)
        page.wait_for_function("() => window.painted > 0", polling=20)
        page.wait_for_timeout(60)
        if number:
            run.note(page.evaluate("window.painted"), traffic.take())
    return run


def until(page: Page, question: Any, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not question() and time.monotonic() < end:
        page.wait_for_timeout(20)


if __name__ == "__main__":
    main()

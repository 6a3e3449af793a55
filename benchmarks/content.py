"""How long content takes: to render on the server, and until the screen can be used.

    uv run python benchmarks/content.py [--times 5]

A batch for each kind of content is made through our own actions and opened in Chromium
from a real server (`manage.py serve`) on a temporary data directory.

    first      what the first screen shows of it, rendered with nothing kept
    whole      all of it, rendered with nothing kept
    again      what the first screen shows, once it has been rendered
    usable     from asking for the page until its scripts answer to a key
    bytes      of the page as HTML, and how many elements it has
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from judging import Bench, browser_of_a_server, free_port
from playwright.sync_api import Browser

PARAGRAPH = (
    "In this case the **invoice** was paid twice, so `refund()` gives one back. "
)
MARKDOWN = "\n\n".join(
    ["## Answer", PARAGRAPH * 6, "- the order\n- the *account*", PARAGRAPH * 19]
)[:2_000]
LONG = "\n\n".join(f"## Part {n}\n\n{PARAGRAPH * 8}" for n in range(960))
PLAIN = "\n\n".join(PARAGRAPH.replace("*", "").replace("`", "") * 8 for _ in range(960))
TURNS = [
    {"role": "user" if n % 2 else "assistant", "content": PARAGRAPH * 6}
    for n in range(200)
]
JSON = json.dumps({"rows": [{"id": n, "name": "x"} for n in range(1_250)]}, indent=1)
DOCUMENTS = [
    {"title": f"Document {n}", "content": f"# About {n}\n\n" + f"{PARAGRAPH}\n\n" * 40}
    for n in range(50)
]
CASES: dict[str, dict[str, Any]] = {
    "2 kB of Markdown": {"outputs": [MARKDOWN]},
    "100,000 words of Markdown": {"outputs": [LONG]},
    "100,000 plain words": {"outputs": [PLAIN]},
    "100,000 words, two sides": {"outputs": [LONG, PLAIN]},
    "200 turns": {"outputs": ["Yes."], "input": TURNS},
    "5,000 lines of JSON": {"outputs": [JSON]},
    "50 documents": {"outputs": ["Yes."], "context": DOCUMENTS},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory(prefix="touchstone-benchmark-") as folder:
        os.environ["TOUCHSTONE_DATA_DIR"] = folder
        os.environ.pop("DATABASE_URL", None)
        port = free_port()
        links = make_work(f"http://127.0.0.1:{port}")
        rendering = {
            name: rendering_of(name, case, times) for name, case in CASES.items()
        }
        with browser_of_a_server(port, Path(folder) / "serve.log") as browser:
            screens = {
                name: screen_of(browser, link, times) for name, link in links.items()
            }
    report(rendering, screens)


def make_work(base_url: str) -> dict[str, str]:
    """A batch for each case, with an annotator of its own; their sign-in links."""
    bench = Bench(base_url)
    links = {}
    for name, case in CASES.items():
        outputs = [
            {"system": f"system-{place}", "content": content}
            for place, content in enumerate(case["outputs"])
        ]
        record = {"id": "one", "input": "What now?", **case, "outputs": outputs}
        layout = "pairwise" if len(outputs) == 2 else "scoring"
        links[name] = bench.batch(name, bench.dataset(name, [record]), layout)
    bench.close()
    return links


def rendering_of(name: str, case: dict[str, Any], times: int) -> dict[str, float]:
    from annotation.content.renderings import kept_here
    from annotation.content.specimens import Look, specimen

    contents = [*case["outputs"], case.get("input", "What now?")]
    documents = [document["content"] for document in case.get("context", [])]

    def render(*, whole: bool, anew: bool = True) -> None:
        if anew:
            kept_here.kept.clear()
            kept_here.bytes = 0
        # The screen brings the first two documents, the others when they are opened.
        for content in [*contents, *(documents if whole else documents[:2])]:
            specimen(content, Look("/there/", "A"), whole=whole)

    render(whole=False)  # Parsers are made once.
    return {
        "first": median_ms(lambda: render(whole=False), times),
        "whole": median_ms(lambda: render(whole=True), times),
        "again": median_ms(lambda: render(whole=False, anew=False), times),
    }


def median_ms(act: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def screen_of(browser: Browser, link: str, times: int) -> dict[str, float]:
    """The item's page from its address: until a single key is answered."""
    context = browser.new_context(viewport={"width": 1360, "height": 800})
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in as").press("Enter")
    page.get_by_role("button", name="Start").first.press("Enter")
    page.locator("#judge").wait_for()
    address = page.url
    found = []
    for _ in range(times):
        began = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_selector("[data-press=v]", state="attached")
        page.keyboard.press("5")
        page.wait_for_selector("#judge :checked[data-key]", state="attached")
        found.append((time.perf_counter() - began) * 1000)
        page.keyboard.press("0")
    shown = {
        "usable": statistics.median(found),
        "bytes": float(len(context.request.get(address).body())),
        "nodes": float(page.evaluate("document.querySelectorAll('*').length")),
    }
    context.close()
    return shown


def report(
    rendering: dict[str, dict[str, float]], screens: dict[str, dict[str, float]]
) -> None:
    print(f"{'':28}{'first':>8}{'whole':>9}{'again':>8}{'usable':>9}", end="")
    print(f"{'bytes':>10}{'nodes':>8}")
    for name, times in rendering.items():
        screen = screens[name]
        print(
            f"{name:28}{times['first']:5.0f} ms{times['whole']:6.0f} ms"
            f"{times['again']:5.0f} ms{screen['usable']:6.0f} ms"
            f"{screen['bytes']:10,.0f}{screen['nodes']:8,.0f}"
        )


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Opens HTML reports in Chromium as a reader would, and checks what the page promises.

usage: report_page.py [--pictures FOLDER] PAGE.html…

Each page: no console message, no request but the page itself, readable without a script, sorting,
filtering by state, no finding of axe-core (contrast, labels, keyboard), nothing wider than a
phone's screen. Prints a line per page; exit code 1 if a check fails.
"""

import argparse
import pathlib
import sys
import time

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright


def check(page_file, browser, pictures):
    problems = []
    requests, messages = [], []
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on(
        "dialog", lambda dialog: (messages.append("dialog: " + dialog.message), dialog.dismiss())
    )
    start = time.monotonic()
    page.goto(page_file.resolve().as_uri())
    page.wait_for_selector("html.has-script")
    took = time.monotonic() - start
    findings = page.locator("tr.finding").count()
    if "".join(messages):
        problems.append(f"console: {messages[:3]}")
    if len(requests) != 1:
        problems.append(f"{len(requests)} requests: {requests[1:4]}")

    button = page.locator('button.state-filter[data-state="CLOSE_WAIT"]')
    if button.count():
        button.first.click()
        rows = page.locator("#list tbody tr:not([hidden])")
        texts = rows.all_text_contents()
        if not texts or any("CLOSE_WAIT" not in text for text in texts):
            problems.append("the filter CLOSE_WAIT shows other connections, or none")
        page.locator("#reset").click()
    head = page.locator("#list thead th").first
    head.click()
    values = page.locator("#list tbody tr td:first-child").all_text_contents()
    if len(set(values)) > 1 and head.get_attribute("aria-sort") != "ascending":
        problems.append("a click on a column's head does not sort")
    if page.locator("svg.areas").count():
        page.locator("svg.areas").click(position={"x": 600, "y": 60})
        if "at the end" in page.locator("#shown").inner_text():
            problems.append("a click on the chart chooses no moment")
        page.locator("#reset").click()

    # The rules on big pages take minutes and say the same.
    if findings <= 200:
        result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
        for violation in result.response["violations"]:
            nodes = [node["html"][:90] for node in violation["nodes"][:2]]
            problems.append(f"accessibility: {violation['id']}: {nodes}")
    if pictures:
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=pictures / (page_file.stem + "-1280.png"), full_page=findings <= 200)
        page.pdf(path=pictures / (page_file.stem + ".pdf"), format="A4")
    page.set_viewport_size({"width": 390, "height": 844})
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > 390:
        problems.append(f"{width} pixels wide on a screen of 390")
    if pictures:
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=pictures / (page_file.stem + "-390.png"), full_page=findings <= 200)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.screenshot(path=pictures / (page_file.stem + "-dark.png"), full_page=findings <= 200)
    context.close()

    plain = browser.new_context(offline=True, java_script_enabled=False)
    page = plain.new_page()
    page.goto(page_file.resolve().as_uri())
    if not page.locator("h1").is_visible() or page.locator("#findings").count() != 1:
        problems.append("nothing to read without a script")
    plain.close()
    print(
        f"{page_file.name}: {findings} findings, opened in {took:.2f} s:"
        f" {'; '.join(problems) or 'as it should be'}"
    )
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("pages", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.pictures:
        arguments.pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        failed = [page for page in arguments.pages if check(page, browser, arguments.pictures)]
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

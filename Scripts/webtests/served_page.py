#!/usr/bin/env python3
"""Opens the page of `wirestate serve` or `live --listen` in Chromium, as a user would.

usage: served_page.py [--pictures FOLDER] [--netstat COMMAND] capture|live URL

No console message, no request to elsewhere, nothing wider than a phone's screen, no finding of
axe-core. Of a capture: the rows of 20 instants are those of netstat, if `--netstat` gives the
command to which a time is added; keys, filter, order and ladder work; a reload shows the same. Of a
live run: the page renews itself, in two windows at once. Exit code 1 if a check fails.
"""

import argparse
import collections
import datetime
import ipaddress
import pathlib
import shlex
import subprocess
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

SIZES = ((1280, 900), (768, 1000), (390, 844))

ROWS = """() => [...document.querySelectorAll('table.connections tbody tr')].map((row) => {
  const cell = (label) => row.querySelector(`td[data-label="${label}"]`);
  const state = (label) => {
    const span = cell(label).querySelector('.state');
    return span ? [span.textContent, span.dataset.queue] : null;
  };
  return [
    cell('Client').textContent, cell('Server').textContent,
    state('Client state'), state('Server state'),
  ];
})"""

STATES = """() => {
  const count = (cell) => Number(cell.textContent.replaceAll(',', ''));
  const rows = [...document.querySelectorAll('table.bars tbody tr')];
  return Object.fromEntries(rows.map((row) => {
    const ends = [...row.querySelectorAll('.count')].map(count);
    return [row.querySelector('.state-filter').dataset.state, ends[0] + ends[1]];
  }));
}"""


class Page:
    """A window, and what went wrong in it."""

    def __init__(self, browser, url, **options):
        self.problems = []
        self.page = browser.new_context(**options).new_page()
        self.page.on("console", lambda message: self.problems.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.dismiss(dialog))
        self.page.on("request", lambda request: self.note(request.url, url))
        self.page.goto(url)
        self.settle()

    def dismiss(self, dialog):
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def note(self, asked, url):
        if not asked.startswith(url.split("#")[0]):
            self.problems.append(f"asks elsewhere: {asked}")

    def settle(self):
        self.page.wait_for_selector("#states *")
        self.page.wait_for_selector("#chart *")

    def expect(self, is_so, text):
        if not is_so:
            self.problems.append(text)


def sockets_of_page(rows):
    """Each end that is a socket, as netstat has it: local, remote, state, send queue."""
    sockets = collections.Counter()
    for client, server, client_state, server_state in rows:
        for near, far, state in ((client, server, client_state), (server, client, server_state)):
            if state:
                plain = (
                    near.replace("[", "").replace("]", ""),
                    far.replace("[", "").replace("]", ""),
                )
                sockets[(*plain, state[0], state[1])] += 1
    return sockets


def sockets_of_netstat(command, nanoseconds):
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    time = f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction:09d}Z"
    output = subprocess.run(
        [*shlex.split(command), "--at", time], capture_output=True, text=True, check=True
    ).stdout
    sockets = collections.Counter()
    for line in output.splitlines():
        words = line.split()
        if words[0].startswith("tcp"):
            sockets[(words[3], words[4], words[5], words[2])] += 1
    return sockets


def show_step(window, step, limit=5000):
    """Shows a step of the slider with all its rows; returns the moment in nanoseconds."""
    page = window.page
    return page.evaluate(
        """async ([step, limit]) => {
          const view = await (await fetch(`view?step=${step}&limit=${limit}`)).json();
          document.getElementById('connections').innerHTML = view.connections;
          document.getElementById('states').innerHTML = view.states;
          return view.time;
        }""",
        [step, limit],
    )


def check_instants(window, command, limit=5000):
    """Compares 20 instants with netstat: rows, or of too many, how many are in each state."""
    steps = int(window.page.evaluate("document.body.dataset.steps"))
    for part in range(20):
        step = round(part * (steps - 1) / 19)
        time = int(show_step(window, step, limit))
        table = sockets_of_netstat(command, time)
        rows = window.page.evaluate(ROWS)
        if len(rows) < limit:
            page = sockets_of_page(rows)
        else:
            page = collections.Counter(window.page.evaluate(STATES))
            states = collections.Counter()
            for (_, _, state, _), count in table.items():
                states[state] += count
            table = states
        window.expect(
            page == table,
            f"step {step}: the page has {list((page - table).items())[:3]},"
            f" netstat {list((table - page).items())[:3]}",
        )


def check_capture(window, url):
    page = window.page

    def clock():
        return page.locator("#clock").inner_text()

    def wait(old):
        page.wait_for_function(
            "old => document.getElementById('clock').textContent !== old", arg=old
        )

    end = clock()
    page.keyboard.press("Home")
    wait(end)
    start = clock()
    window.expect(start < end, "Home does not lead to the first frame")
    page.keyboard.press("ArrowRight")
    wait(start)
    page.locator("#slider").focus()
    before = clock()
    page.keyboard.press("End")
    wait(before)
    window.expect(clock() == end, "the slider's End does not lead to the last frame")
    page.locator("#chart svg.areas").click(position={"x": 500, "y": 60})
    wait(end)
    middle = clock()
    page.reload()
    window.settle()
    page.wait_for_function(
        "old => document.getElementById('clock').textContent === old", arg=middle
    )
    page.locator("#goto").fill("+1.5s")
    page.locator("#goto").press("Enter")
    wait(middle)
    window.expect(
        "+1.5 s" in page.locator("#offset").inner_text(), "no way to a time that is typed"
    )
    page.locator("#end").click()
    page.wait_for_function("old => document.getElementById('clock').textContent === old", arg=end)
    check_connections(window)


def endpoint(name):
    """The address and the port of 192.0.2.1:80 or [2001:db8::1]:80, to be compared as numbers."""
    address, _, port = name.rpartition(":")
    parsed = ipaddress.ip_address(address.strip("[]"))
    return parsed.version, int(parsed), int(port)


def check_connections(window):
    page = window.page
    button = page.locator(".state-filter").last
    state = button.get_attribute("data-state")
    button.click()
    page.wait_for_selector("#clear:not([hidden])")
    rows = page.locator("table.connections tbody tr").all_inner_texts()
    window.expect(rows and all(state in row for row in rows), f"the filter {state} shows others")
    page.locator("#clear").click()
    page.wait_for_selector("#clear[hidden]", state="attached")
    page.locator('th[data-order="client"] button').click()
    page.wait_for_selector('th[data-order="client"][aria-sort]')
    names = page.locator("table.connections td:first-child").all_inner_texts()
    window.expect(names == sorted(names, key=endpoint), "the order by client is none")
    page.locator("#connections button.ladder").first.click()
    page.wait_for_selector("#ladder svg.ladder")
    page.keyboard.press("Escape")
    page.wait_for_selector("#ladder:not([open])", state="attached")
    card = page.locator(".finding summary").first
    card.click()
    window.expect(page.locator(".finding[open] .verdict").count() == 1, "a finding does not open")


def check_live(window, browser, url):
    second = Page(browser, url)
    for each in (window, second):
        old = each.page.locator("#clock").inner_text()
        each.page.wait_for_function(
            "old => document.getElementById('clock').textContent !== old", arg=old, timeout=5000
        )
    window.problems += second.problems
    check_connections(window)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("--netstat")
    parser.add_argument("mode", choices=("capture", "live"))
    parser.add_argument("url")
    arguments = parser.parse_args()
    problems = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        window = Page(browser, arguments.url, viewport={"width": 1280, "height": 900})
        if arguments.mode == "capture":
            if arguments.netstat:
                check_instants(window, arguments.netstat)
            check_capture(window, arguments.url)
        else:
            check_live(window, browser, arguments.url)
        result = Axe().run(window.page, options={"runOnly": ["wcag2a", "wcag2aa"]})
        for violation in result.response["violations"]:
            nodes = [node["html"][:90] for node in violation["nodes"][:2]]
            problems.append(f"accessibility: {violation['id']}: {nodes}")
        problems += window.problems
        for width, height in SIZES:
            for scheme in ("light", "dark"):
                small = Page(
                    browser,
                    arguments.url + "#step=150",
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,
                )
                small.page.wait_for_timeout(300)
                wide = small.page.evaluate("document.documentElement.scrollWidth")
                small.expect(wide <= width, f"{wide} pixels wide on a screen of {width}")
                if arguments.pictures:
                    arguments.pictures.mkdir(parents=True, exist_ok=True)
                    name = f"{arguments.mode}-{width}-{scheme}.png"
                    small.page.screenshot(path=arguments.pictures / name, full_page=True)
                problems += small.problems
        browser.close()
    print(f"{arguments.url}: {'; '.join(problems) or 'as it should be'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

"use strict";
(() => {
  const body = document.body;
  const isLive = body.dataset.mode === "live";
  const byId = (id) => document.getElementById(id);
  document.documentElement.classList.add("has-script");

  // What is shown: a moment of the capture, or a span up to now; whose states; which connections.
  const steps = Number(body.dataset.steps);
  const first = BigInt(body.dataset.first);
  const last = BigInt(body.dataset.last);
  // Rows at first: a live page asks for them every second.
  const rows = isLive ? 50 : 100;
  const shown = { step: steps - 1, time: null, role: "", span: "5m", find: "", state: "", stuck: "", order: "trouble", descending: "", limit: rows };
  let isPaused = false;

  // The address keeps what is shown, so that a reload or a bookmark shows the same.
  const kept = ["step", "time", "role", "span", "find", "state", "stuck", "order", "descending"];
  const restore = () => {
    const fields = new URLSearchParams(location.hash.slice(1));
    for (const name of kept) if (fields.has(name)) shown[name] = fields.get(name);
    shown.step = Math.min(Math.max(0, Number(shown.step) || 0), Math.max(0, steps - 1));
    if (!/^-?\d{1,19}$/.test(shown.time ?? "")) shown.time = null;
  };
  const remember = () => {
    const fields = new URLSearchParams();
    for (const name of kept) {
      if (name === "step" && (isLive || shown.time !== null)) continue;
      if (name === "span" && !isLive) continue;
      if (shown[name] !== "" && shown[name] !== null) fields.set(name, shown[name]);
    }
    history.replaceState(null, "", "#" + fields);
  };

  // The server has made the markup and escaped what is in it; a page of this policy runs no script that stands in markup.
  const put = (element, markup) => { element.innerHTML = markup; };

  const fields = () => {
    const query = new URLSearchParams();
    for (const name of ["find", "state", "stuck", "order", "descending", "limit", "span"]) if (shown[name]) query.set(name, shown[name]);
    if (!isLive) query.set(shown.time === null ? "step" : "time", shown.time ?? shown.step);
    return query;
  };

  // One request at a time: while one is under way, the latest wish waits.
  let isAsking = false;
  let isWanted = false;
  const update = async () => {
    isWanted = true;
    if (isAsking) return;
    isAsking = true;
    const slow = setTimeout(() => body.classList.add("busy"), 300);
    while (isWanted) {
      isWanted = false;
      remember();
      try {
        const answer = await fetch("view?" + fields());
        if (!answer.ok) throw new Error(answer.status);
        show(await answer.json());
        beat("", isPaused ? "paused" : "live");
      } catch { beat("lost", "no answer"); }
    }
    clearTimeout(slow);
    body.classList.remove("busy");
    isAsking = false;
  };

  const beat = (name, text) => {
    const pulse = byId("pulse");
    if (!pulse) return;
    pulse.className = "pulse " + (name || (isPaused ? "paused" : ""));
    pulse.textContent = text;
  };

  const show = (view) => {
    byId("clock").textContent = view.clock;
    byId("date").textContent = view.date;
    byId("offset").textContent = view.offset;
    put(byId("states"), view.states);
    const open = new Set([...document.querySelectorAll(".finding[open]")].map((card) => card.dataset.key));
    const focused = document.activeElement?.closest(".finding")?.dataset.key;
    put(byId("findings"), view.findings);
    for (const card of document.querySelectorAll(".finding")) {
      if (open.has(card.dataset.key)) card.open = true;
      if (focused !== undefined && card.dataset.key === focused) card.querySelector("summary").focus();
    }
    const connection = document.activeElement?.closest("tr[data-connection]")?.dataset.connection;
    put(byId("connections"), view.connections);
    if (connection !== undefined) document.querySelector(`tr[data-connection="${CSS.escape(connection)}"] button`)?.focus();
    if (view.minute !== undefined) put(byId("minute"), view.minute);
    if (view.facts !== undefined) byId("facts").textContent = view.facts;
    if (view.chart !== undefined) put(byId("chart"), view.chart);
    for (const button of document.querySelectorAll(".state-filter")) button.setAttribute("aria-pressed", String(button.dataset.state === shown.state));
    for (const head of document.querySelectorAll("th[data-order]")) {
      if (head.dataset.order === shown.order) head.setAttribute("aria-sort", shown.descending ? "descending" : "ascending");
    }
    byId("clear").hidden = !(shown.state || shown.find || shown.stuck);
    if (isLive) return;
    shown.step = view.step;
    byId("slider").value = view.step;
    byId("slider").setAttribute("aria-valuetext", `${view.clock}, ${view.offset}`);
    byId("netstat").href = "netstat?time=" + view.time;
    moment = BigInt(view.time);
    placeCursor();
  };

  // The chart, and the moment on it.
  let moment = last;
  const narrow = matchMedia("(max-width: 640px)");
  const medium = matchMedia("(max-width: 900px)");
  const placeCursor = () => {
    const chart = document.querySelector("#chart svg.areas");
    const cursor = chart?.querySelector(".cursor");
    if (!cursor || isLive) return;
    const left = Number(chart.dataset.left);
    const right = Number(chart.dataset.width) - 8;
    const share = last > first ? Number(moment - first) / Number(last - first) : 1;
    const x = String(left + Math.min(1, Math.max(0, share)) * (right - left));
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
  };
  const chart = async () => {
    const query = new URLSearchParams({ role: shown.role, span: shown.span, size: narrow.matches ? "narrow" : medium.matches ? "medium" : "page" });
    try {
      const answer = await fetch("chart?" + query);
      if (answer.ok) put(byId("chart"), await answer.text());
    } catch { return; }
    placeCursor();
  };
  const stepAt = (event) => {
    const svg = event.target.closest?.("svg.areas") ?? document.querySelector("#chart svg.areas");
    const box = svg.getBoundingClientRect();
    const width = Number(svg.dataset.width);
    const left = Number(svg.dataset.left);
    const share = ((event.clientX - box.left) / box.width * width - left) / (width - 8 - left);
    return Math.round(Math.min(1, Math.max(0, share)) * (steps - 1));
  };
  const go = (step) => {
    shown.step = Math.min(Math.max(0, step), steps - 1);
    shown.time = null;
    update();
  };

  if (!isLive) {
    let isDragging = false;
    byId("chart").addEventListener("pointerdown", (event) => {
      if (!event.target.closest("svg.areas")) return;
      isDragging = true;
      pause();
      go(stepAt(event));
    });
    addEventListener("pointermove", (event) => { if (isDragging) go(stepAt(event)); });
    addEventListener("pointerup", () => { isDragging = false; });
    byId("slider").addEventListener("input", () => { pause(); go(Number(byId("slider").value)); });
    byId("start").addEventListener("click", () => go(0));
    byId("back").addEventListener("click", () => go(shown.step - 1));
    byId("forward").addEventListener("click", () => go(shown.step + 1));
    byId("end").addEventListener("click", () => go(steps - 1));
    document.querySelector(".marks")?.addEventListener("click", (event) => {
      const mark = event.target.closest(".mark");
      if (!mark) return;
      shown.time = mark.dataset.time;
      update();
    });
    // `+12.5s` after the first frame, or a time of the first frame's day in UTC.
    byId("goto").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      const text = event.target.value.trim();
      const nanoseconds = (digits) => BigInt((digits ?? "").padEnd(9, "0").slice(0, 9) || "0");
      const after = /^\+(\d+)(?:\.(\d+))?\s*s?$/.exec(text);
      const clock = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?$/.exec(text);
      if (after) shown.time = String(first + BigInt(after[1]) * 1000000000n + nanoseconds(after[2]));
      else if (clock) {
        const day = 86400000000000n;
        const seconds = BigInt(clock[1]) * 3600n + BigInt(clock[2]) * 60n + BigInt(clock[3] ?? 0);
        let time = first - ((first % day) + day) % day + seconds * 1000000000n + nanoseconds(clock[4]);
        if (time < first && time + day <= last) time += day;
        shown.time = String(time);
      }
      event.target.setAttribute("aria-invalid", String(!after && !clock));
      if (after || clock) update();
    });
  }

  // Playing goes step by step; pausing a live page keeps what it shows.
  let timer = null;
  const pause = () => {
    clearInterval(timer);
    timer = null;
    if (!isLive) byId("play").textContent = "▶ Play";
  };
  byId("play").addEventListener("click", () => {
    if (isLive) {
      isPaused = !isPaused;
      byId("play").textContent = isPaused ? "Resume" : "Pause";
      beat("", isPaused ? "paused" : "live");
      if (!isPaused) { update(); chart(); }
    } else if (timer !== null) {
      pause();
    } else {
      if (shown.step >= steps - 1) shown.step = -1;
      byId("play").textContent = "❚❚ Pause";
      timer = setInterval(() => {
        if (isAsking) return;
        if (shown.step >= steps - 1) pause();
        else go(shown.step + 1);
      }, 90);
    }
  });

  const chooser = (name, then) => {
    const buttons = [...document.querySelectorAll(`button[data-${name}]`)].filter((button) => button.closest(".choice"));
    const mark = () => { for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset[name] === shown[name])); };
    for (const button of buttons) {
      button.addEventListener("click", () => { shown[name] = button.dataset[name]; mark(); remember(); then(); });
    }
    return mark;
  };
  const marks = [chooser("role", chart), chooser("span", chart)];

  // Connections: filter, order, more of them.
  byId("find").addEventListener("input", (event) => { shown.find = event.target.value; shown.limit = rows; update(); });
  byId("stuck").addEventListener("click", () => {
    shown.stuck = shown.stuck ? "" : "1";
    byId("stuck").setAttribute("aria-pressed", String(shown.stuck === "1"));
    update();
  });
  byId("clear").addEventListener("click", () => {
    Object.assign(shown, { find: "", state: "", stuck: "", limit: rows });
    byId("find").value = "";
    byId("stuck").setAttribute("aria-pressed", "false");
    update();
  });
  document.addEventListener("click", async (event) => {
    const target = event.target;
    const state = target.closest("#states .state-filter");
    if (state) {
      shown.state = shown.state === state.dataset.state ? "" : state.dataset.state;
      update();
      return;
    }
    const order = target.closest("th[data-order]")?.dataset.order;
    if (order && target.closest("button")) {
      shown.descending = shown.order === order && !shown.descending ? "1" : "";
      shown.order = order;
      update();
      return;
    }
    if (target.id === "more") {
      shown.limit = Math.min(5000, shown.limit * 5);
      update();
      return;
    }
    const ladder = target.closest("button.ladder");
    if (ladder) { openLadder(ladder); return; }
    const code = target.closest("code.copy");
    if (code) copy(code);
  });

  const copy = async (code) => {
    try { await navigator.clipboard.writeText(code.textContent); } catch { getSelection().selectAllChildren(code); return; }
    code.classList.add("copied");
    setTimeout(() => code.classList.remove("copied"), 1200);
  };

  const dialog = byId("ladder");
  const openLadder = async (button) => {
    const row = button.closest("tr[data-connection]");
    const query = row ? { connection: row.dataset.connection } : { stream: button.dataset.stream };
    if (narrow.matches) query.size = "narrow";
    put(byId("ladder-content"), "<p class=\"hint\">Loading the segments …</p>");
    dialog.showModal();
    try {
      // A live run draws it in its next round: the answer is empty until then.
      let text = "";
      for (let round = 0; text === "" && round < 20; round += 1) {
        if (round > 0) await new Promise((resolve) => setTimeout(resolve, 250));
        const answer = await fetch("ladder?" + new URLSearchParams(query));
        text = answer.ok ? await answer.text() : "<p>This connection has ended and is no longer kept.</p>";
      }
      put(byId("ladder-content"), text || "<p>No answer.</p>");
    } catch { put(byId("ladder-content"), "<p>No answer.</p>"); }
  };
  byId("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  // Keys; those of a field that is being written in are its own.
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const code = event.target.closest?.("code.copy");
    if (code && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); copy(code); return; }
    if (dialog.open || event.target.closest?.("input, button, summary, code, .scroll")) {
      if (event.key === "Escape" && event.target.id === "find") byId("clear").click();
      return;
    }
    const moves = { ArrowLeft: () => go(shown.step - 1), ArrowRight: () => go(shown.step + 1), Home: () => go(0), End: () => go(steps - 1) };
    if (event.key === "/") byId("find").focus();
    else if (event.key === " ") byId("play").click();
    else if (!isLive && moves[event.key]) { pause(); moves[event.key](); }
    else return;
    event.preventDefault();
  });

  restore();
  for (const mark of marks) mark();
  byId("find").value = shown.find;
  byId("stuck").setAttribute("aria-pressed", String(shown.stuck === "1"));
  for (const width of [narrow, medium]) width.addEventListener("change", chart);
  addEventListener("hashchange", () => { restore(); update(); });
  chart();
  update();

  if (isLive) {
    // A new state of the run: shown at most once a second.
    const source = new EventSource("events");
    let due = 0;
    source.addEventListener("change", () => {
      if (isPaused || performance.now() < due || document.hidden) return;
      due = performance.now() + 950;
      update();
      chart();
    });
    source.addEventListener("error", () => beat("lost", "connection lost, reconnecting"));
  }
})();

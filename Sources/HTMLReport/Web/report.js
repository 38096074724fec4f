"use strict";
(() => {
  document.documentElement.classList.add("has-script");

  // Tables sort by the column whose head is clicked, or chosen with Enter.
  for (const table of document.querySelectorAll("table.sortable")) {
    table.classList.add("ready");
    const heads = [...table.tHead.rows[0].cells];
    const key = (row, column) => {
      const cell = row.cells[column];
      return cell.dataset.sort ?? cell.textContent;
    };
    heads.forEach((head, column) => {
      head.tabIndex = 0;
      const sort = () => {
        const descending = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        // What is folded away is sorted, too.
        const rest = document.getElementById(table.dataset.rest ?? "");
        if (rest) {
          table.tBodies[0].append(...rest.querySelectorAll("tbody tr"));
          rest.remove();
        }
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => {
          const [x, y] = [key(a, column), key(b, column)];
          const order = x !== "" && y !== "" && !isNaN(x) && !isNaN(y) ? x - y : x.localeCompare(y);
          return descending ? -order : order;
        });
        table.tBodies[0].append(...rows);
      };
      head.addEventListener("click", sort);
      head.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); }
      });
    });
  }

  // A click on a display filter copies it.
  if (navigator.clipboard) {
    for (const code of document.querySelectorAll("code.copy")) {
      code.classList.add("ready");
      code.title = "Copy";
      code.addEventListener("click", async () => {
        try { await navigator.clipboard.writeText(code.textContent); } catch { return; }
        code.classList.add("copied");
        setTimeout(() => code.classList.remove("copied"), 1200);
      });
    }
  }

  // The list of connections: at the end of the capture, or at the moment that was clicked.
  const list = document.getElementById("list");
  if (!list) return;
  const connections = [...list.tBodies[0].rows].map((row) => ({
    row,
    client: row.querySelector(".client"),
    server: row.querySelector(".server"),
    end: [row.querySelector(".client").textContent, row.querySelector(".server").textContent],
    text: row.textContent.toLowerCase(),
    // Times are compared as numbers of nanoseconds with all their digits.
    steps: row.dataset.steps ? row.dataset.steps.split(";").map((step) => {
      const [time, end, state] = step.split(" ");
      return { time: BigInt(time), end, state };
    }) : [],
  }));
  const search = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const chart = document.querySelector("svg.areas");
  const buttons = [...document.querySelectorAll("button.state-filter")];
  let state = null;
  let moment = null;

  const statesAt = (connection, time) => {
    const states = ["", ""];
    for (const step of connection.steps) {
      if (step.time > time) break;
      states[step.end === "c" ? 0 : 1] = step.state;
    }
    return states;
  };

  const update = () => {
    const words = search.value.trim().toLowerCase();
    let count = 0;
    for (const connection of connections) {
      const states = moment === null ? connection.end : statesAt(connection, moment);
      connection.client.textContent = states[0];
      connection.server.textContent = states[1];
      const isThere = moment === null || states[0] !== "" || states[1] !== "";
      const matches = isThere && (state === null || states.includes(state))
        && (words === "" || connection.text.includes(words) || states.join(" ").toLowerCase().includes(words));
      connection.row.hidden = !matches;
      if (matches) count += 1;
    }
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.state === state));
    const when = moment === null ? "at the end"
      : "at " + new Date(Number(moment / 1000000n)).toISOString().slice(11, 23) + " UTC";
    shown.textContent = `${count} shown${state ? " in " + state : ""}, ${when}`;
  };

  const choose = (name) => {
    state = state === name ? null : name;
    update();
    document.getElementById("connections").scrollIntoView({ behavior: "smooth" });
  };
  for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.state));
  search.addEventListener("input", update);
  document.getElementById("reset").addEventListener("click", () => {
    state = null;
    moment = null;
    search.value = "";
    chart?.querySelector(".cursor").setAttribute("x1", "-9");
    chart?.querySelector(".cursor").setAttribute("x2", "-9");
    update();
  });

  if (chart) {
    chart.classList.add("ready");
    const first = BigInt(chart.dataset.first);
    const last = BigInt(chart.dataset.last);
    const left = Number(chart.dataset.left);
    const right = Number(chart.dataset.width) - 8;
    chart.addEventListener("click", (event) => {
      const box = chart.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width * Number(chart.dataset.width);
      const share = Math.min(1, Math.max(0, (x - left) / (right - left)));
      moment = first + BigInt(Math.round(Number(last - first) * share));
      const cursor = chart.querySelector(".cursor");
      const place = String(left + share * (right - left));
      cursor.setAttribute("x1", place);
      cursor.setAttribute("x2", place);
      const area = event.target.closest(".area");
      if (area) state = area.dataset.state;
      update();
      document.getElementById("connections").scrollIntoView({ behavior: "smooth" });
    });
  }
  update();
})();

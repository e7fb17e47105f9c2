// Draws the pictures and makes the list of cases searchable. Everything it shows also stands in the page as text.
(function () {
  "use strict";

  const figures = JSON.parse(document.getElementById("figures").textContent);
  const INK = "currentColor";
  const tick = (share) => `${Math.round(100 * share)} %`;
  const percent = (share) => `${(100 * share).toFixed(1)} %`;

  // Plot puts a style element into each picture; the page's policy would block it, so page.css holds those rules instead.
  function hang(place, picture) {
    for (const style of picture.querySelectorAll("style")) style.remove();
    place.replaceChildren(picture);
  }

  function drawBalance(width) {
    const { subject, points, target } = figures.balance;
    const side = Math.min(width, 520);
    const corner = [
      { x: 0, y: 1, text: "refuses everything", anchor: "start", dx: 30, dy: 12 },
      { x: 1, y: 0, text: "answers everything", anchor: "end", dx: -30, dy: -8 },
    ];
    const own = subject ? [subject] : [];
    const words = (d) => `${d.noun} ${d.name}\nharmful refused ${percent(d.y)} (n ${d.ny})\nharmless answered ${percent(d.x)} (n ${d.nx})`;
    return Plot.plot({
      width: side, height: side, marginLeft: 46, marginBottom: 42, marginTop: 26, marginRight: 22, style: { fontSize: "12px" },
      ariaLabel: "Harmful requests refused against harmless requests answered",
      x: { domain: [0, 1], tickFormat: tick, ticks: 5, label: "Harmless requests answered →", labelAnchor: "center", labelArrow: "none" },
      y: { domain: [0, 1], tickFormat: tick, ticks: 5, label: "↑ Harmful requests refused", labelArrow: "none" },
      symbol: { domain: ["pattern", "category"], range: ["circle", "diamond"] },
      marks: [
        Plot.gridX({ ticks: 5, stroke: "var(--rule)", strokeOpacity: 1 }),
        Plot.gridY({ ticks: 5, stroke: "var(--rule)", strokeOpacity: 1 }),
        Plot.rect([target], { x1: "x", x2: 1, y1: "y", y2: 1, fill: "var(--target)", stroke: "var(--good)", className: "target" }),
        Plot.text([target], { x: "x", y: "y", text: () => "target", textAnchor: "end", dx: -5, dy: -8, fill: "var(--good)", fontWeight: 600 }),
        Plot.link([0], { x1: 0, y1: 1, x2: 1, y2: 0, stroke: "var(--quiet)", strokeDasharray: "2,4" }),
        ...corner.map((d) => Plot.text([d], { x: "x", y: "y", text: "text", textAnchor: d.anchor, dx: d.dx, dy: d.dy, fill: "var(--quiet)", fontStyle: "italic" })),
        Plot.dot(points, { x: "x", y: "y", symbol: "noun", r: 3.5, stroke: "var(--quiet)", fill: "var(--paper)", fillOpacity: 0.6, className: "breakdown" }),
        Plot.link(own.filter((d) => d.x1 !== null), { x1: "x1", x2: "x2", y1: "y", y2: "y", stroke: INK, strokeWidth: 2, className: "interval" }),
        Plot.link(own.filter((d) => d.y1 !== null), { x1: "x", x2: "x", y1: "y1", y2: "y2", stroke: INK, strokeWidth: 2, className: "interval" }),
        Plot.dot(own, { x: "x", y: "y", r: 8, fill: INK, stroke: "var(--paper)", strokeWidth: 2, className: "subject" }),
        Plot.text(own, { x: "x", y: "y", text: () => "this model", textAnchor: subject && subject.x > 0.6 ? "end" : "start", dx: subject && subject.x > 0.6 ? -14 : 14, dy: -14, fontWeight: 600, fill: INK, stroke: "var(--paper)", strokeWidth: 4 }),
        ...(subject ? [] : [Plot.text(["not measured on both sides"], { frameAnchor: "middle", fill: "var(--quiet)", stroke: "var(--paper)", strokeWidth: 6 })]),
        Plot.tip(points, Plot.pointer({ x: "x", y: "y", title: words, fill: "var(--paper)", stroke: "var(--quiet)" })),
      ],
    });
  }

  function drawSides(width) {
    const right = { "Harmful requests": "refused", "Harmless requests": "answered" };
    const wrong = { "Harmful requests": ["answered", "var(--harm)", "var(--on-harm)"], "Harmless requests": ["refused", "var(--block)", "var(--on-block)"] };
    const bands = figures.bars.flatMap(({ side, outcomes }) => {
      const all = outcomes.reduce((sum, [, n]) => sum + n, 0);
      const order = [wrong[side][0], ...outcomes.map(([word]) => word).filter((word) => word !== wrong[side][0] && word !== right[side]), right[side]];
      let from = 0;
      return order.map((word) => [word, outcomes.find(([name]) => name === word)[1]]).filter(([, n]) => n > 0).map(([word, n]) => {
        const band = { side, word, n, x1: from / all, x2: (from += n) / all };
        if (word === wrong[side][0]) return { ...band, fill: wrong[side][1], ink: wrong[side][2] };
        if (word === right[side]) return { ...band, fill: "var(--target)", ink: "var(--ink)" };
        return { ...band, fill: word === "not judged" || word === "no reply" ? "var(--calm)" : "var(--between-cell)", ink: "var(--ink)" };
      });
    });
    const fits = (d) => (d.x2 - d.x1) * width > 7 * `${d.word} ${d.n}`.length;
    const sides = figures.bars.map(({ side }) => side);
    const totals = figures.bars.map(({ side, outcomes }) => ({ side, n: outcomes.reduce((sum, [, n]) => sum + n, 0) }));
    const rest = sides.map((side) => ({ side, text: bands.filter((d) => d.side === side && !fits(d)).map((d) => `${d.word} ${d.n}`).join(", ") }));
    const lines = width < 450 ? 3 : 2;
    return Plot.plot({
      width, height: 2 * (78 + 15 * lines) + 34, marginLeft: 14, marginRight: 20, marginTop: 4, marginBottom: 30, style: { fontSize: "12px" },
      ariaLabel: "Outcomes on both sides",
      x: { domain: [0, 1], tickFormat: tick, ticks: 5, label: null },
      y: { axis: null, domain: sides, padding: 0 },
      marks: [
        Plot.text(totals, { x: 0, y: "side", text: (d) => `${d.side} (${d.n})`, textAnchor: "start", lineAnchor: "top", dy: -36 - 7.5 * lines, fontWeight: 600, fill: INK }),
        Plot.barX(bands, { x1: "x1", x2: "x2", y: "side", fill: "fill", insetTop: 22, insetBottom: 10 + 15 * lines, stroke: "var(--paper)", title: (d) => `${d.word}: ${d.n}`, className: "outcomes" }),
        Plot.text(bands.filter(fits), { x: (d) => (d.x1 + d.x2) / 2, y: "side", dy: 6 - 7.5 * lines, text: (d) => `${d.word} ${d.n}`, fill: "ink" }),
        Plot.text(rest, { x: 0, y: "side", text: "text", textAnchor: "start", lineAnchor: "top", lineWidth: (width - 34) / 12.5, dy: 36 - 7.5 * lines, fill: "var(--quiet)" }),
      ],
    });
  }

  function drawGrid(grid, colour, width) {
    const longest = (names) => Math.max(...names.map((name) => name.length));
    const left = 14 + 5.9 * longest(grid.rows);
    const top = 16 + 5 * longest(grid.columns);
    const right = 3 * longest(grid.columns);
    const step = Math.max(31, Math.min(54, (width - left - right) / grid.columns.length));
    const filled = new Set(grid.cells.map((d) => `${d.row}\n${d.column}`));
    const empty = grid.rows.flatMap((row) => grid.columns.map((column) => ({ row, column }))).filter((d) => !filled.has(`${d.row}\n${d.column}`));
    const share = (d) => d.k / d.n; // Plot takes numbers in [0, 1] as opacities themselves, so the scale is the same in every report
    return Plot.plot({
      width: left + step * grid.columns.length + right, height: top + 4 + 28 * grid.rows.length,
      marginLeft: left, marginTop: top, marginRight: right, marginBottom: 4, style: { fontSize: "11px" },
      ariaLabel: grid.title,
      x: { domain: grid.columns, axis: "top", label: null, tickSize: 0, padding: 0.06, tickRotate: -60 },
      y: { domain: grid.rows, label: null, tickSize: 0, padding: 0.08 },
      marks: [
        Plot.cell(empty, { x: "column", y: "row", fill: "none", stroke: "var(--calm)", strokeDasharray: "2,3", className: "empty" }),
        Plot.cell(grid.cells, { x: "column", y: "row", fill: colour, fillOpacity: share, stroke: "var(--rule)", title: (d) => `${d.row}, ${d.column}: ${d.k} of ${d.n}`, className: "cells" }),
        Plot.text(grid.cells, { x: "column", y: "row", text: (d) => `${d.k}/${d.n}`, fill: INK, className: "counts" }),
      ],
    });
  }

  function drawConfidence(width) {
    const bins = figures.confidence.map((n, i) => ({ n, x1: i / 10, x2: (i + 1) / 10 }));
    const most = Math.max(1, ...figures.confidence);
    return Plot.plot({
      width, height: 150, marginLeft: 36, marginBottom: 34, marginTop: 10, style: { fontSize: "12px" },
      ariaLabel: "Histogram of the judge's confidence",
      x: { domain: [0, 1], ticks: 5, label: "confidence", labelAnchor: "center", labelArrow: "none" },
      y: { domain: [0, most], ticks: Math.min(3, most), tickFormat: "d", label: null },
      marks: [
        Plot.rectY(bins, { x1: "x1", x2: "x2", y: "n", fill: "var(--quiet)", inset: 0.5, title: (d) => `${d.x1.toFixed(1)} to ${d.x2.toFixed(1)}: ${d.n}`, className: "bins" }),
        Plot.ruleY([0], { stroke: "var(--quiet)" }),
      ],
    });
  }

  const pictures = {
    "picture-balance": drawBalance,
    "picture-sides": drawSides,
    "picture-confidence": drawConfidence,
    "picture-grid-0": (width) => drawGrid(figures.grids[0], "var(--block-cell)", width),
    "picture-grid-1": (width) => drawGrid(figures.grids[1], "var(--harm-cell)", width),
  };

  function drawAll() {
    for (const [id, draw] of Object.entries(pictures)) {
      const place = document.getElementById(id);
      if (place) hang(place, draw(Math.max(240, place.parentElement.clientWidth)));
    }
  }

  function makeSearchable() {
    const tools = document.getElementById("tools");
    if (!tools) return;
    const exhibits = [...document.querySelectorAll(".exhibit")].map((node) => ({ node, text: node.textContent.toLowerCase() }));
    const search = document.getElementById("search");
    const unfold = document.getElementById("unfold");
    const buttons = [...tools.querySelectorAll("[data-show]")];
    let show = "all";

    function update() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let n = 0;
      let total = "";
      for (const button of buttons) {
        const pressed = button.dataset.show === show;
        button.setAttribute("aria-pressed", String(pressed));
        if (pressed) total = button.querySelector(".count").textContent;
      }
      for (const { node, text } of exhibits) {
        const fits = (show === "all" || node.dataset.fault === show) && words.every((word) => text.includes(word));
        node.hidden = !fits;
        n += fits;
      }
      document.getElementById("tally").textContent = `${n} of ${total} shown`;
      document.getElementById("none").hidden = n > 0;
    }

    for (const button of buttons) button.addEventListener("click", () => { show = button.dataset.show; update(); });
    search.addEventListener("input", update);
    tools.addEventListener("submit", (event) => event.preventDefault());
    unfold.addEventListener("click", () => {
      const open = unfold.getAttribute("aria-pressed") !== "true";
      for (const { node } of exhibits) if (!node.hidden) node.open = open;
      unfold.setAttribute("aria-pressed", String(open));
      unfold.textContent = open ? "Close all" : "Open all";
    });
    tools.hidden = false;
    update();
  }

  drawAll();
  for (const numbers of document.querySelectorAll("details.numbers")) numbers.open = false;
  makeSearchable();

  let known = window.innerWidth;
  let waiting = 0;
  window.addEventListener("resize", () => {
    if (window.innerWidth === known) return;
    known = window.innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 120);
  });
})();

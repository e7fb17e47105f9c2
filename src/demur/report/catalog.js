// Makes the list of records searchable. Without it the whole list stands there.
(function () {
  "use strict";

  const tools = document.getElementById("tools");
  const entries = [...document.querySelectorAll(".entry")].map((node) => ({ node, text: node.textContent.toLowerCase() }));
  const search = document.getElementById("search");
  const buttons = [...tools.querySelectorAll("[data-kind]")];
  let kind = "all";

  function update() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    let total = 0;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
    for (const { node, text } of entries) {
      const belongs = kind === "all" || node.dataset.kind === kind;
      const fits = belongs && words.every((word) => text.includes(word));
      node.hidden = !fits;
      total += belongs;
      n += fits;
    }
    document.getElementById("tally").textContent = `${n} of ${total} shown`;
    document.getElementById("none").hidden = n > 0;
  }

  for (const button of buttons) button.addEventListener("click", () => { kind = button.dataset.kind; update(); });
  search.addEventListener("input", update);
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.hidden = false;
  update();
})();

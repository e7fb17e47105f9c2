// Asks every few seconds what is new, and puts the parts that changed in the place of those that are there.
(function () {
  "use strict";

  const EVERY_MS = 3000;
  const state = document.getElementById("state");
  const read = new Map(); // examples that were fetched, by the alarm
  const shown = new Map([...document.querySelectorAll("[data-part]")].map((part) => [part.id, part.outerHTML]));

  function tell(words, isWell) {
    if (state.textContent !== words) state.textContent = words;
    state.className = isWell ? "well" : "away";
  }

  function replace(part) {
    const there = document.getElementById(part.id);
    if (!there) {
      if (part.id === "balance") document.getElementById("rates").before(part); // there since somebody has labelled something
      return;
    }
    if (shown.get(part.id) === part.outerHTML) return;
    shown.set(part.id, part.outerHTML);
    const open = new Set([...there.querySelectorAll("details[open]")].map((one) => one.id));
    const focused = there.contains(document.activeElement) ? document.activeElement.closest("[id]")?.id : null;
    there.replaceWith(part);
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    if (focused) (document.querySelector(`#${CSS.escape(focused)} > summary`) || document.getElementById(focused))?.focus({ preventScroll: true });
  }

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  async function ask() {
    const answer = await fetch(document.querySelector("main").dataset.parts, { cache: "no-cache", signal: AbortSignal.timeout(10000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of found.querySelectorAll("[data-part]")) replace(document.adoptNode(part));
    tell("live", true);
  }

  async function follow() {
    for (;;) {
      await pause(EVERY_MS);
      if (document.hidden) continue;
      try {
        await ask();
      } catch {
        tell("not answering: what is here may be old", false);
      }
    }
  }

  async function readExamples(details) {
    const from = details.dataset.from;
    const place = details.querySelector("p, #examples");
    if (!place) return;
    if (!read.has(from)) {
      try {
        const answer = await fetch(from, { signal: AbortSignal.timeout(10000) });
        if (!answer.ok) return; // the link stays
        read.set(from, new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("examples"));
      } catch {
        return;
      }
    }
    const examples = read.get(from).cloneNode(true);
    examples.removeAttribute("id");
    details.querySelectorAll(":scope > :not(summary)").forEach((one) => one.remove());
    details.append(document.importNode(examples, true));
  }

  // Said of the period under the pointer; what it says also stands in the totals, as far as it is not moment by moment.
  function point(event) {
    const svg = event.target.closest?.("svg[data-words]");
    for (const other of document.querySelectorAll(".course.pointed")) {
      if (other !== svg?.closest(".course")) {
        other.classList.remove("pointed");
        other.querySelector(".reading").textContent = "";
      }
    }
    if (!svg) return;
    const words = JSON.parse(svg.dataset.words);
    const x = ((event.clientX - svg.getBoundingClientRect().left) / svg.clientWidth) * svg.viewBox.baseVal.width;
    const [place, said] = words.reduce((best, one) => (Math.abs(one[0] - x) < Math.abs(best[0] - x) ? one : best));
    const cursor = svg.querySelector(".cursor");
    cursor.setAttribute("x1", place);
    cursor.setAttribute("x2", place);
    const course = svg.closest(".course");
    course.classList.add("pointed");
    course.querySelector(".reading").textContent = said;
  }

  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details[data-from]") && event.target.open) readExamples(event.target);
  }, true);
  document.addEventListener("pointermove", point);
  document.addEventListener("pointerdown", point);
  tell("live", true);
  follow();
})();

"use strict";
// Keys for those who keep their hands on them; everything works without.
const form = document.getElementById("label");
const help = document.getElementById("help");
const tell = document.getElementById("tell");
const ask = document.getElementById("ask");
const undo = document.getElementById("undo");

const isWriting = (node) => node.matches("input:not([type=radio]), textarea, select");
const focusOn = (id) => document.getElementById(id)?.focus();
let isSent = false;

if (ask) {
  ask.hidden = false;
  ask.addEventListener("click", () => help.showModal());
}

for (const one of document.forms) {
  one.addEventListener("submit", (event) => {
    if (one.method === "dialog") return;
    const isLabel = one === form && event.submitter?.id !== "skip";
    if (isLabel && !form.elements.expect.value) {
      event.preventDefault();
      tell.textContent = "Say first what would have been right: a, r or q.";
      form.elements.expect[0].focus();
    } else if (isSent) {
      event.preventDefault();
    } else {
      isSent = true;
    }
  });
}
// Who comes back by the browser's own button may send again: the id of the label keeps it from counting twice.
addEventListener("pageshow", () => { isSent = false; });

function choose(key) {
  const found = form?.querySelector(`input[data-key="${key}"]`);
  if (!found) return false;
  found.checked = !(found.checked && found.name === "outcome");
  found.focus();
  tell.textContent = "";
  return true;
}

const actions = {
  "?": () => help.showModal(),
  u: () => undo?.click(),
  s: () => document.getElementById("skip")?.click(),
  c: () => focusOn("category"),
  n: () => focusOn("note"),
  Enter: () => document.getElementById("save")?.click(),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
  const node = event.target;
  if (isWriting(node)) {
    if (event.key === "Escape") node.blur();
    if (event.key === "Enter" && node.id === "category") {
      event.preventDefault();
      actions.Enter();
    }
    return;
  }
  if (event.key === "Enter" && node.closest("a, button, summary")) return;
  const act = actions[event.key];
  if (act) {
    event.preventDefault();
    act();
  } else if (choose(event.key)) {
    event.preventDefault();
  }
});

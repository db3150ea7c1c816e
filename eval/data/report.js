"use strict";
const rows = [...document.querySelectorAll("details.q")];
const filters = [...document.querySelectorAll("[data-filter]")];
const count = document.querySelector(".filters output");

function filter() {
  const wanted = Object.fromEntries(filters.map((f) => [f.dataset.filter, f.value.trim().toLowerCase()]));
  let shown = 0;
  for (const row of rows) {
    const fits = (!wanted.kind || row.dataset.kind === wanted.kind)
      && (!wanted.outcome || row.dataset.outcome === wanted.outcome)
      && (!wanted.words || row.textContent.toLowerCase().includes(wanted.words));
    row.hidden = !fits;
    shown += fits;
  }
  count.textContent = `${shown} of ${rows.length}`;
}

function open() {
  const row = location.hash.startsWith("#q-") && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (row) {
    row.hidden = false;
    row.open = true;
    row.scrollIntoView({ block: "start" });
  }
}

document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
for (const f of filters) f.addEventListener("input", filter);
addEventListener("hashchange", open);
filter();
open();

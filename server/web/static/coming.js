// Finding whom a greeter checks in: by name, time or reference, among those on the page. Nothing typed is sent anywhere. The list changes by
// itself while somebody types, so what was typed is looked for again after each look.

import { on } from "./asking.js";
import { find } from "./search.js";

const field = document.getElementById("coming-find");

function search() {
  const list = document.getElementById("coming");
  const rows = [...list.querySelectorAll(".coming-row")].map((row) => ({ row, name: row.dataset.words, words: row.dataset.words }));
  const asked = field.value.trim() !== "";
  const found = new Set(asked ? find(rows, field.value) : rows);
  for (const each of rows) each.row.hidden = !found.has(each);
  document.getElementById("coming-nothing").hidden = !asked || found.size > 0;
  const further = document.getElementById("fold-coming");
  if (further && asked) further.open = true; // the field stands only while it is
}

if (field !== null) {
  field.closest("[hidden]").hidden = false;
  field.addEventListener("input", search);
  on("swapped", search);
  on("acted", (form) => {
    if (form.elements.do?.value !== "arrive_booking") return;
    field.value = "";
    search();
  });
}

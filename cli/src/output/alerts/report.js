
"use strict";
const table = document.getElementById("alerts");
const body = table.tBodies[0];
const rows = Array.from(body.rows);
const headings = Array.from(table.tHead.rows[0].cells);
const value = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.sort === undefined ? cell.textContent : Number(cell.dataset.sort);
};
headings.forEach((heading, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = heading.textContent;
  heading.replaceChildren(button);
  button.addEventListener("click", () => {
    const sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    headings.forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    rows.sort((one, other) => {
      const [a, b] = [value(one, column), value(other, column)];
      return sign * (a < b ? -1 : a > b ? 1 : 0);
    });
    body.append(...rows);
  });
});
const input = document.getElementById("filter");
const shown = document.getElementById("shown");
input.closest("p").hidden = false;
input.addEventListener("input", () => {
  const wanted = input.value.toLowerCase();
  let count = 0;
  for (const row of rows) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
    if (!row.hidden) count += 1;
  }
  shown.textContent = `${count} of ${rows.length} shown`;
});

// Sorts and filters the table of a class. Without it, the table is there all the same.
"use strict";
(() => {
  const table = document.getElementById("table");
  const tools = document.getElementById("tools");
  const body = table.tBodies[0];
  const students = Array.from(body.rows, (row) => ({
    row,
    name: row.cells[0].textContent.trim().toLowerCase(),
    mark: parseFloat(row.cells[1].textContent),
    verdicts: Array.from(row.cells).slice(2).map((cell) => cell.dataset.v || ""),
    diagnoses: (row.dataset.d || "").split(" "),
  }));
  const order = ["passed", "not_attempted", "failed", "not_assessed", "error", ""];
  const byName = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;

  const compare = (column, one, other) => {
    if (column === 0) return byName(one.name, other.name);
    // A mark that is on hold is no number: it stands after all others.
    if (column === 1) return (isNaN(one.mark) ? 1e9 : one.mark) - (isNaN(other.mark) ? 1e9 : other.mark);
    return order.indexOf(one.verdicts[column - 2]) - order.indexOf(other.verdicts[column - 2]);
  };

  const sortBy = (heading, column) => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    students.sort((one, other) => compare(column, one, other) * (down ? -1 : 1) || byName(one.name, other.name));
    body.append(...students.map((student) => student.row));
  };

  Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sortBy(heading, column));
  });

  const value = (id) => document.getElementById(id).value;
  const filter = () => {
    const name = value("by-name").trim().toLowerCase();
    const step = value("by-step");
    const verdict = value("by-verdict");
    const diagnosis = value("by-diagnosis");
    let shown = 0;
    for (const student of students) {
      const verdicts = step ? [student.verdicts[step - 2]] : student.verdicts;
      const fits =
        student.name.includes(name) &&
        (!verdict || verdicts.includes(verdict)) &&
        (!diagnosis || student.diagnoses.includes(diagnosis));
      student.row.hidden = !fits;
      shown += fits;
    }
    document.getElementById("shown").textContent = tools.dataset.shown
      .replace("{shown}", shown)
      .replace("{all}", students.length);
  };

  tools.addEventListener("input", filter);
  document.getElementById("all").addEventListener("click", () => {
    for (const field of tools.querySelectorAll("input, select")) field.value = "";
    filter();
  });
  tools.hidden = false;
  filter();
})();

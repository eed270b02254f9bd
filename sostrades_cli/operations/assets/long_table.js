"use strict";
(() => {
  const details = document.getElementById("long");
  const search = details.querySelector("input");
  const more = details.querySelector("button");
  const body = details.querySelector("tbody");
  const PAGE = 100;
  let columns = [];
  let rows = [];
  let texts = [];
  let shown = [];
  let order = { column: -1, down: false };

  function textOf(cell) {
    if (cell === null) return "";
    return typeof cell === "number" ? String(Number(cell.toPrecision(6))) : String(cell);
  }

  function append() {
    const start = body.children.length;
    for (const index of shown.slice(start, start + PAGE)) {
      const row = body.insertRow();
      for (const cell of rows[index]) {
        const item = row.insertCell();
        item.textContent = textOf(cell);
        if (typeof cell === "number") item.className = "number";
        if (cell === "FAILED") item.className = "bad";
      }
    }
    more.hidden = body.children.length >= shown.length;
  }

  // Numbers come before texts, and blank cells are last in both directions.
  function compare(a, b) {
    const [left, right] = [rows[a][order.column], rows[b][order.column]];
    if (left === null || right === null) return (left === null) - (right === null) || a - b;
    const turn = order.down ? -1 : 1;
    if (typeof left !== typeof right) return turn * (typeof left === "number" ? -1 : 1);
    const difference = typeof left === "number" ? left - right : left < right ? -1 : left > right ? 1 : 0;
    return turn * difference || a - b;
  }

  function update() {
    const words = searchWords(search);
    shown = rows.map((_, index) => index).filter((index) => words.every((word) => texts[index].includes(word)));
    if (order.column >= 0) shown.sort(compare);
    const count = details.querySelector(".count");
    count.textContent = shown.length === rows.length ? `${rows.length} cases` : `${shown.length} of ${rows.length} cases`;
    body.replaceChildren();
    append();
  }

  function sort(column) {
    order = { column, down: order.column === column && !order.down };
    [...details.querySelectorAll("th")].forEach((head, index) => {
      head.ariaSort = index === column ? (order.down ? "descending" : "ascending") : "none";
    });
    update();
  }

  function fill() {
    if (columns.length) return;
    ({ columns, rows } = JSON.parse(details.querySelector("script").textContent));
    texts = rows.map((row) => row.map(textOf).join(" ").toLowerCase());
    const heads = details.querySelector("thead").insertRow();
    columns.forEach((name, column) => {
      const head = heads.appendChild(document.createElement("th"));
      const button = head.appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => sort(column));
    });
    update();
  }

  details.addEventListener("toggle", fill);
  search.addEventListener("input", update);
  more.addEventListener("click", append);
})();

"use strict";
(() => {
  const matrix = document.querySelector(".n2");
  const search = document.getElementById("search");
  if (!matrix || !search) return;
  const frame = document.getElementById("matrix");
  const chosen = document.getElementById("chosen");
  const scaleText = document.getElementById("scale");
  const [width, height] = ["width", "height"].map((name) => Number(matrix.getAttribute(name)));
  const parts = [".discipline", ".name", ".columns text"].map((kind) => [...matrix.querySelectorAll(kind)]);
  const [rows, columns, corner] = [".rows", ".columns", ".corner"].map((kind) => matrix.querySelector(kind));
  const [labels, line] = ["width", "height"].map((name) => Number(corner.getAttribute(name)));
  const edges = [...document.querySelectorAll("li[id^=edge]")].map((item, number) => ({
    item, cell: document.getElementById(`cell${number}`), text: item.dataset.text,
  }));
  const [SMALLEST, LARGEST] = [0.2, 4];
  let scale = 1;

  function zoom(wanted) {
    scale = Math.min(LARGEST, Math.max(SMALLEST, wanted));
    matrix.setAttribute("width", String(Math.round(width * scale)));
    matrix.setAttribute("height", String(Math.round(height * scale)));
    scaleText.textContent = `${Math.round(scale * 100)} %`;
    pin();
  }

  // Keep the heads in view. In a narrow frame the beginnings of long names scroll, because their ends tell more.
  function pin() {
    const kept = Math.min(labels, 0.4 * frame.clientWidth / scale);
    const x = Math.max(0, frame.scrollLeft / scale - (labels - kept));
    const y = frame.scrollTop / scale;
    rows.setAttribute("transform", `translate(${x} 0)`);
    columns.setAttribute("transform", `translate(0 ${y})`);
    corner.setAttribute("transform", `translate(${x} ${y})`);
    // Where the focus moves to a cell, the cell must not be below a head.
    frame.style.scrollPadding = `${line * scale}px 0 0 ${kept * scale}px`;
  }

  function mark(name, fits) {
    for (const kind of parts) kind.forEach((part, number) => part.classList.toggle(name, fits(number)));
  }

  // The frame is as wide as its matrix, so its own width says nothing about the room.
  const room = () => frame.parentElement.clientWidth - 2 * parseFloat(getComputedStyle(frame.parentElement).paddingLeft) - 2;
  const fit = () => zoom(Math.min(1, room() / width));
  document.getElementById("smaller").addEventListener("click", () => zoom(scale / 1.25));
  document.getElementById("larger").addEventListener("click", () => zoom(scale * 1.25));
  document.getElementById("fit").addEventListener("click", fit);
  frame.addEventListener("scroll", pin);
  window.addEventListener("resize", pin);
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(scale * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
  }, { passive: false });

  function choose({ item, cell }) {
    edges.forEach((edge) => edge.cell.classList.toggle("chosen", edge.cell === cell));
    const ends = [cell.dataset.row, cell.dataset.column].map(Number);
    mark("beside", (number) => ends.includes(number));
    chosen.replaceChildren(...[...item.childNodes].map((node) => node.cloneNode(true)));
    chosen.hidden = false;
  }

  for (const edge of edges) {
    edge.cell.addEventListener("click", () => choose(edge));
    edge.cell.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(edge);
    });
  }

  function filter() {
    const words = searchWords(search);
    const ends = new Set();
    let shown = 0;
    for (const { item, cell, text } of edges) {
      const fits = words.every((word) => text.includes(word));
      item.hidden = !fits;
      cell.classList.toggle("pale", !fits);
      if (!fits) continue;
      shown += 1;
      ends.add(Number(cell.dataset.row)).add(Number(cell.dataset.column));
    }
    mark("pale", (number) => !ends.has(number));
    showMatches(shown, edges.length, edges.length === 1 ? "pair of disciplines" : "pairs of disciplines", "li:not([hidden])");
  }

  searchWith(search, filter);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    chosen.hidden = true;
    edges.forEach(({ cell }) => cell.classList.remove("chosen"));
    mark("beside", () => false);
  });
  // A matrix that would be too small to read scrolls instead.
  zoom(Math.max(0.6, Math.min(1, room() / width)));
})();

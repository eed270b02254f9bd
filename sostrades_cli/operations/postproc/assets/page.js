"use strict";
(() => {
  const template = JSON.parse(document.getElementById("template").textContent);
  const charts = [...document.querySelectorAll("figure.chart")];
  const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["sendChartToCloud"] };

  function failed(plot, error) {
    plot.classList.add("failed");
    plot.textContent = `this chart cannot be drawn: ${error && error.message ? error.message : error}`;
  }

  function draw(chart) {
    if (chart.dataset.drawn) return;
    chart.dataset.drawn = "begun";
    const plot = chart.querySelector(".plot");
    try {
      const figure = JSON.parse(chart.querySelector("script").textContent);
      // The page says how large a chart is: the server's own sizes are for its own window.
      const { width, height, ...layout } = figure.layout;
      // The names of parallel axes stand where other charts have nothing.
      const top = figure.data.some((trace) => trace.type === "parcoords") ? 110 : 64;
      const margin = { t: top, ...layout.margin };
      const drawn = Plotly.newPlot(plot, figure.data, { ...layout, template, margin, autosize: true }, config);
      drawn.then(() => { chart.dataset.drawn = "yes"; }, (error) => failed(plot, error));
    } catch (error) {
      failed(plot, error);
    }
  }

  function clear(chart) {
    if (chart.dataset.drawn !== "yes") return;
    Plotly.purge(chart.querySelector(".plot"));
    delete chart.dataset.drawn;
  }

  // Charts are drawn shortly before they come into view, and let go when they are far away again.
  const near = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target)),
    { rootMargin: "500px" },
  );
  const far = new IntersectionObserver(
    (entries) => entries.filter((entry) => !entry.isIntersecting).forEach((entry) => clear(entry.target)),
    { rootMargin: "6000px" },
  );
  charts.forEach((chart) => { near.observe(chart); far.observe(chart); });
  window.addEventListener("beforeprint", () => charts.forEach(draw));

  const search = document.getElementById("search");
  if (!search) return;
  const keysOnly = document.getElementById("keys");
  const count = document.getElementById("count");
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const groups = [...document.querySelectorAll("[data-group]")];

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const chart of charts) {
      const text = chart.dataset.text;
      const fits = words.every((word) => text.includes(word)) && (!keysOnly.checked || chart.classList.contains("key"));
      chart.hidden = !fits;
      links.get(chart.id).hidden = !fits;
      shown += fits ? 1 : 0;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector(".chart:not([hidden]), a:not([hidden])");
    }
    count.textContent = shown === charts.length ? `${charts.length} charts` : `${shown} of ${charts.length} charts`;
    document.getElementById("nothing").hidden = shown > 0;
  }

  search.addEventListener("input", filter);
  keysOnly.addEventListener("change", filter);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    }
  });
  filter();
})();

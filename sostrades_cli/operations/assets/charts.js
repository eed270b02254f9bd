"use strict";
(() => {
  const lightTemplate = document.getElementById("template").textContent;
  const charts = [...document.querySelectorAll("figure.chart")];
  const darkness = window.matchMedia("(prefers-color-scheme: dark)");
  const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["sendChartToCloud"] };

  // Lists that several charts share: `{"sharedColumn": 2}` is the third one.
  const shared = document.getElementById("columns");
  const columns = shared ? JSON.parse(shared.textContent) : null;
  const filledIn = columns && ((_, value) => (value && Number.isInteger(value.sharedColumn) ? columns[value.sharedColumn] : value));

  function failed(plot, error) {
    plot.classList.add("failed");
    plot.textContent = `this chart cannot be drawn: ${error && error.message ? error.message : error}`;
  }

  // The colours of the page, because the server's own are for a white window.
  function colors() {
    const style = getComputedStyle(document.documentElement);
    const [ink, dim, grid, paper] = ["--ink", "--dim", "--grid", "--paper"].map((name) => style.getPropertyValue(name).trim());
    return { ink, dim, grid, paper };
  }

  // The template is for a white window, and has a few colours for paper, lines and text.
  function templateOf({ ink, grid, paper }) {
    return JSON.parse(
      lightTemplate
        .replaceAll('"white"', `"${paper}"`)
        .replace(/"#(EBF0F8|DFE8F3|C8D4E3|A2B1C6)"/gi, `"${grid}"`)
        .replace(/"#2a3f5f"/gi, `"${ink}"`),
    );
  }

  function axis(own, { ink, grid }) {
    const title = typeof own.title === "string" ? { text: own.title } : own.title;
    return { ...own, automargin: true, color: ink, gridcolor: grid, zerolinecolor: grid, linecolor: grid, title };
  }

  // A table has colours of its own for its cells, on which the light text of a dark page could not be read.
  function table(trace, { ink, grid, paper }) {
    const part = (own, fill) => ({
      ...own, fill: { color: fill }, line: { color: grid }, font: { ...(own || {}).font, color: ink },
    });
    return { ...trace, header: part(trace.header, grid), cells: part(trace.cells, paper) };
  }

  // Plotly's flows are nearly white on a dark page.
  function flows(trace) {
    return { ...trace, link: { color: "rgba(128, 128, 128, 0.4)", ...trace.link } };
  }

  const adapted = { table, sankey: flows };

  function fitted(figure) {
    const look = colors();
    // The page has the title and the size of a chart: those of the server are for its own window.
    const { width, height, title, margin, ...layout } = figure.layout;
    // The names and numbers of parallel axes stand where other charts have nothing.
    const parallel = figure.data.some((trace) => trace.type === "parcoords");
    const [left, right, top] = parallel ? [60, 90, 84] : [20, 20, 30];
    const axes = Object.keys(layout).filter((name) => /^[xy]axis[0-9]*$/.test(name));
    const drawn = Object.fromEntries(["xaxis", "yaxis", ...axes].map((name) => [name, axis(layout[name] || {}, look)]));
    const below = { orientation: "h", x: 0, xanchor: "left", y: 0, yanchor: "bottom", yref: "container" };
    const data = figure.data.map((trace) => (adapted[trace.type] || ((own) => own))(trace, look));
    return {
      data,
      layout: {
        ...layout,
        ...drawn,
        template: templateOf(look),
        autosize: true,
        margin: { l: left, r: right, t: top, b: 20 },
        font: { ...layout.font, size: 12, color: look.ink },
        legend: { ...layout.legend, ...below },
        paper_bgcolor: look.paper,
        plot_bgcolor: look.paper,
      },
    };
  }

  function draw(chart) {
    if (chart.dataset.drawn) return;
    chart.dataset.drawn = "begun";
    const plot = chart.querySelector(".plot");
    try {
      const { data, layout } = fitted(JSON.parse(chart.querySelector("script").textContent, filledIn));
      const drawn = Plotly.newPlot(plot, data, layout, config);
      drawn.then(() => { keepNamesApart(plot); chart.dataset.drawn = "yes"; }).catch((error) => failed(plot, error));
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
  const root = document.documentElement;
  const far = new IntersectionObserver(
    (entries) => {
      // On paper, all charts are in view.
      if (root.classList.contains("printed")) return;
      entries.filter((entry) => !entry.isIntersecting).forEach((entry) => clear(entry.target));
    },
    { rootMargin: "6000px" },
  );
  charts.forEach((chart) => { near.observe(chart); far.observe(chart); });

  function drawAgain(those) {
    those.forEach((chart) => { clear(chart); draw(chart); });
  }
  darkness.addEventListener("change", () => drawAgain(charts.filter((chart) => chart.dataset.drawn === "yes")));
  // Paper has a width of its own, and is white.
  window.addEventListener("beforeprint", () => {
    root.classList.add("printed");
    drawAgain(charts);
  });
  window.addEventListener("afterprint", () => {
    root.classList.remove("printed");
    drawAgain(charts.filter((chart) => chart.dataset.drawn === "yes"));
  });

  // In a narrow window the contents would hide the charts.
  const contents = document.getElementById("contents");
  if (contents) contents.open = window.matchMedia("(min-width: 60rem)").matches;

  const search = document.getElementById("search");
  if (!search) return;
  const keysOnly = document.getElementById("keys");
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));

  function filter() {
    const words = searchWords(search);
    let shown = 0;
    for (const chart of charts) {
      const text = chart.dataset.text;
      const fits = words.every((word) => text.includes(word)) && (!keysOnly.checked || chart.classList.contains("key"));
      chart.hidden = !fits;
      links.get(chart.id).hidden = !fits;
      shown += fits ? 1 : 0;
    }
    showMatches(shown, charts.length, "charts", ".chart:not([hidden]), a:not([hidden])");
  }

  keysOnly.addEventListener("change", filter);
  searchWith(search, filter);
})();
